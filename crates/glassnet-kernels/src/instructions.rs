//! The widest instructions of the machine, chosen when the program runs.

/// A set of instructions that kernels are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instructions {
    /// x86-64 with AVX-512 (F, BW, DQ, VL) and FMA.
    Avx512,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// What the program was compiled for: SSE2, NEON or the 128-bit vectors of WebAssembly.
    Baseline,
}

impl Instructions {
    /// The widest that this machine has. Asked for once; later calls read the answer.
    #[inline]
    pub fn here() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            static HERE: std::sync::OnceLock<Instructions> = std::sync::OnceLock::new();
            *HERE.get_or_init(Self::of_the_processor)
        }
        #[cfg(not(target_arch = "x86_64"))]
        Self::Baseline
    }

    #[cfg(target_arch = "x86_64")]
    fn of_the_processor() -> Self {
        let has_fma = std::arch::is_x86_feature_detected!("fma");
        let has_avx512 = std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512dq")
            && std::arch::is_x86_feature_detected!("avx512vl");
        if has_fma && has_avx512 {
            return Self::Avx512;
        }
        if has_fma && std::arch::is_x86_feature_detected!("avx2") {
            return Self::Avx2;
        }
        Self::Baseline
    }
}

/// Compiles a function's body once for each set of instructions; the function itself picks one.
///
/// The body is plain Rust (`#[inline(always)]`), so that it is its own plain twin: without fused operations in it, every
/// set of instructions gives the same bits. The second brackets repeat the names of the generic parameters.
macro_rules! kernel {
    (
        $(#[$meta:meta])*
        $visibility:vis fn $name:ident[$($generics:tt)*][$($parameter:ident),*]($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $body:expr;
    ) => {
        $(#[$meta])*
        #[cfg_attr(
            target_arch = "x86_64",
            expect(unsafe_code, reason = "the widest instructions, once they are known to be there")
        )]
        $visibility fn $name<$($generics)*>($($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                fn avx512<$($generics)*>($($argument: $type),*) $(-> $result)? {
                    $body($($argument),*)
                }
                #[target_feature(enable = "avx2,fma")]
                fn avx2<$($generics)*>($($argument: $type),*) $(-> $result)? {
                    $body($($argument),*)
                }
                match $crate::instructions::Instructions::here() {
                    // SAFETY: the processor has these instructions: `here` has just asked it.
                    $crate::instructions::Instructions::Avx512 => return unsafe { avx512::<$($parameter),*>($($argument),*) },
                    // SAFETY: as above.
                    $crate::instructions::Instructions::Avx2 => return unsafe { avx2::<$($parameter),*>($($argument),*) },
                    $crate::instructions::Instructions::Baseline => {}
                }
            }
            $body($($argument),*)
        }
    };
}

pub(crate) use kernel;
