/* The reference loops of W1, W2 and W6a: the tutorial's two trainings and one row through the second network, every loop
 * over neurons unrolled by hand, weights in registers, libm's exp. W7 is W2 once, for a clock outside.
 *
 *     cc -O3 -march=native bench/reference/tiny.c -lm -o target/tiny && target/tiny W2
 *
 * Prints one JSON line, seconds as the median of nine runs; the checksum is the final mean squared error, of W6a the mean
 * output. */

#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static inline double sigmoid(double z) { return 1.0 / (1.0 + exp(-z)); }

/* Weights as NumPy's seed 1 gives them: 2·random(3) − 1. */
static double w1(void) {
    static const double x[4][3] = {{0, 0, 1}, {1, 1, 1}, {1, 0, 1}, {0, 1, 1}}, t[4] = {0, 1, 1, 0};
    double a = -0.16595599059485195, b = 0.44064898688431615, c = -0.9997712503653102, o[4];
    for (int i = 0; i < 10000; i++) {
        double da = 0, db = 0, dc = 0;
#define ROW(r)                                                                                                         \
    o[r] = sigmoid(x[r][0] * a + x[r][1] * b + x[r][2] * c);                                                           \
    {                                                                                                                  \
        double d = (t[r] - o[r]) * (o[r] * (1 - o[r]));                                                                \
        da += x[r][0] * d, db += x[r][1] * d, dc += x[r][2] * d;                                                       \
    }
        ROW(0) ROW(1) ROW(2) ROW(3)
#undef ROW
        a += da, b += db, c += dc;
    }
    double sum = 0;
    for (int r = 0; r < 4; r++) {
        double e = sigmoid(x[r][0] * a + x[r][1] * b + x[r][2] * c) - t[r];
        sum += e * e;
    }
    return sum / 4;
}

/* Weights as NumPy's seed 1 gives them: normal(0, ½) for the hidden layer, normal(0, 1) for the output. */
static double losses[20000];

static double w2(void) {
    static const double x[4][3] = {{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}}, t[4] = {0, 1, 1, 0};
    const double rate = 0.1;
    double a0 = 0.8121726818316208, a1 = -0.3058782068250377, a2 = -0.26408587613172785, a3 = -0.5364843110780853;
    double b0 = 0.43270381466233926, b1 = -1.1507693484401413, b2 = 0.87240588210824, b3 = -0.3806034504475514;
    double c0 = 0.15951954802854929, c1 = -0.12468518773870504, c2 = 0.731053968522487, c3 = -1.030070354748827;
    double v0 = -0.3224172040135075, v1 = -0.38405435466841564, v2 = 1.1337694423354374, v3 = -1.0998912673140309;
#define FORWARD(r)                                                                                                     \
    const double X0 = x[r][0], X1 = x[r][1], X2 = x[r][2];                                                             \
    const double h0 = sigmoid(X0 * a0 + X1 * b0 + X2 * c0), h1 = sigmoid(X0 * a1 + X1 * b1 + X2 * c1);                 \
    const double h2 = sigmoid(X0 * a2 + X1 * b2 + X2 * c2), h3 = sigmoid(X0 * a3 + X1 * b3 + X2 * c3);                 \
    const double o = sigmoid(h0 * v0 + h1 * v1 + h2 * v2 + h3 * v3);
#define STEP(r)                                                                                                        \
    {                                                                                                                  \
        FORWARD(r)                                                                                                     \
        const double d = rate * ((t[r] - o) * (o * (1 - o)));                                                          \
        const double d0 = d * v0 * (h0 * (1 - h0)), d1 = d * v1 * (h1 * (1 - h1));                                     \
        const double d2 = d * v2 * (h2 * (1 - h2)), d3 = d * v3 * (h3 * (1 - h3));                                     \
        v0 += h0 * d, v1 += h1 * d, v2 += h2 * d, v3 += h3 * d;                                                        \
        a0 += X0 * d0, a1 += X0 * d1, a2 += X0 * d2, a3 += X0 * d3;                                                    \
        b0 += X1 * d0, b1 += X1 * d1, b2 += X1 * d2, b3 += X1 * d3;                                                    \
        c0 += X2 * d0, c1 += X2 * d1, c2 += X2 * d2, c3 += X2 * d3;                                                    \
    }
#define LOSS(r)                                                                                                        \
    {                                                                                                                  \
        FORWARD(r)                                                                                                     \
        sum += (o - t[r]) * (o - t[r]);                                                                                \
    }
    for (int epoch = 0; epoch < 20000; epoch++) {
        STEP(0) STEP(1) STEP(2) STEP(3)
        double sum = 0;
        LOSS(0) LOSS(1) LOSS(2) LOSS(3)
        losses[epoch] = sum / 4;
    }
    return losses[19999];
}

/* One of 64 rows after the other, weights from memory as a finished network has them: 3-4-1 with biases, the output
 * without a sigmoid. */
enum { N_PASSES = 100000 };
static double rows[64][3], weights[21];

static double w6a(void) {
    double sum = 0;
    const double *w = weights;
    for (int i = 0; i < N_PASSES; i++) {
        const double *x = rows[i % 64];
#define UNIT(u) sigmoid(x[0] * w[u] + x[1] * w[4 + u] + x[2] * w[8 + u] + w[12 + u])
        sum += UNIT(0) * w[16] + UNIT(1) * w[17] + UNIT(2) * w[18] + UNIT(3) * w[19] + w[20];
#undef UNIT
    }
    return sum / N_PASSES;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **arguments) {
    const char *workload = count > 1 ? arguments[1] : "";
    const int is_w6a = strcmp(workload, "W6a") == 0, is_w7 = strcmp(workload, "W7") == 0;
    double (*run)(void) = strcmp(workload, "W1") == 0            ? w1
                          : strcmp(workload, "W2") == 0 || is_w7 ? w2
                          : is_w6a                               ? w6a
                                                                 : 0;
    if (!run) {
        fprintf(stderr, "usage: tiny W1|W2|W6a|W7\n");
        return 2;
    }
    for (int i = 0; i < 64 * 3; i++)
        rows[i / 3][i % 3] = rand() / (double)RAND_MAX - 0.5;
    for (int i = 0; i < 21; i++)
        weights[i] = rand() / (double)RAND_MAX - 0.5;
    const int n_runs = is_w7 ? 1 : 9;
    double walls[9], cpus[9], checksum = 0;
    for (int i = 0; i < n_runs; i++) {
        walls[i] = seconds(CLOCK_MONOTONIC), cpus[i] = seconds(CLOCK_PROCESS_CPUTIME_ID);
        checksum = run();
        walls[i] = seconds(CLOCK_MONOTONIC) - walls[i], cpus[i] = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpus[i];
    }
    qsort(walls, (size_t)n_runs, sizeof *walls, by_size), qsort(cpus, (size_t)n_runs, sizeof *cpus, by_size);
    const double per = is_w6a ? 1.0 / N_PASSES : 1;
    double wall = walls[n_runs / 2] * per, cpu = cpus[n_runs / 2] * per;
    printf("{\"workload\": \"%s\", \"seconds\": %.12f, \"cpu_seconds\": %.12f, \"checksum\": %.17g}\n", workload, wall, cpu,
           checksum);
    return 0;
}
