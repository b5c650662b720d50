//! Bytes in and bytes out of a program in WebAssembly, for a host that knows nothing but memory and numbers.
//!
//! [`door!`](crate::door!) exports three functions of plain C: `room(n)` makes room for a question of n bytes and says where, `ask()`
//! answers what the host has written there and says where the answer lies, `answer_length()` how long it is. Both places are good
//! until the next call.

use std::cell::RefCell;

thread_local! {
    static QUESTION: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static ANSWER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Room for a question of so many bytes.
pub fn room(n_bytes: usize) -> *mut u8 {
    QUESTION.with_borrow_mut(|question| {
        *question = vec![0; n_bytes];
        question.as_mut_ptr()
    })
}

/// Answers the question, and gives the place of the answer.
pub fn ask(answer: impl FnOnce(&[u8]) -> Vec<u8>) -> *const u8 {
    let question = QUESTION.take();
    let answer = answer(&question);
    ANSWER.with_borrow_mut(|last| {
        *last = answer;
        last.as_ptr()
    })
}

/// Bytes of the last answer.
pub fn answer_length() -> usize {
    ANSWER.with_borrow(Vec::len)
}

/// Exports a function from bytes to bytes, `fn(&[u8]) -> Vec<u8>`, as the only door of a program.
#[macro_export]
macro_rules! door {
    ($answer:path) => {
        #[unsafe(no_mangle)]
        extern "C" fn room(n_bytes: usize) -> *mut u8 {
            $crate::door::room(n_bytes)
        }

        #[unsafe(no_mangle)]
        extern "C" fn ask() -> *const u8 {
            $crate::door::ask($answer)
        }

        #[unsafe(no_mangle)]
        extern "C" fn answer_length() -> usize {
            $crate::door::answer_length()
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_until_the_next_one() {
        let place = room(3);
        assert!(!place.is_null());
        let place = ask(|question| {
            assert_eq!(question, [0, 0, 0]);
            vec![1, 2, 3, 4]
        });
        assert!(!place.is_null());
        assert_eq!(answer_length(), 4);
        ask(<[u8]>::to_vec);
        assert_eq!(answer_length(), 0, "a question is asked once");
    }
}
