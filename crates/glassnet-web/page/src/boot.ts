// The first script of the page: the core's thread starts while the rest of the page is still being read.

/** The worker's program, put here by the bundle. */
declare const WORKER: string;

// From a blob, so that it also runs where the page is a file.
const url = URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }));
Object.assign(window, { coreThread: new Worker(url) });
