//! Where a window starts.

/// How the start of a window `[start(t), t)` follows from t; times and lengths in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// `t − length`, floored to a multiple of `hop` on the UTC epoch.
    Sawtooth {
        /// How far back.
        length: i64,
        /// The grain of the start.
        hop: i64,
    },
    /// Exactly `t − length`.
    Sliding {
        /// How far back.
        length: i64,
    },
    /// Everything before t.
    Unbounded,
}

impl Window {
    /// The earliest event time inside the window of `t`; flooring goes towards −∞, also before 1970.
    #[must_use]
    #[inline]
    pub fn start(self, t: i64) -> i64 {
        match self {
            Self::Sawtooth { length, hop } => {
                let exact = t.saturating_sub(length);
                exact.saturating_sub(exact.rem_euclid(hop))
            }
            Self::Sliding { length } => t.saturating_sub(length),
            Self::Unbounded => i64::MIN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    #[test]
    fn a_sawtooth_floors_towards_minus_infinity() {
        let window = Window::Sawtooth { length: 10, hop: 4 };
        assert_eq!(window.start(10), 0);
        assert_eq!(window.start(13), 0);
        assert_eq!(window.start(14), 4);
        assert_eq!(window.start(9), -4);
        assert_eq!(window.start(i64::MIN + 3), i64::MIN);
    }

    #[test]
    fn a_sliding_window_is_exact_and_an_unbounded_one_has_no_start() {
        assert_eq!(Window::Sliding { length: 10 }.start(3), -7);
        assert_eq!(Window::Unbounded.start(3), i64::MIN);
    }
}
