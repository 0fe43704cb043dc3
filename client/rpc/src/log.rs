//! Changing what is logged while the node runs.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

/// LIMIT: bytes of the filter, with everything that was added to it.
const FILTER_BYTES_MAX: usize = 4096;

type Apply = dyn Fn(&str) -> Result<(), String> + Send + Sync;

/// What is logged: the filter of the start, and what was added since.
#[derive(Clone)]
pub struct LogFilter(Arc<Inner>);

struct Inner {
    initial: String,
    current: Mutex<String>,
    apply: Box<Apply>,
}

impl LogFilter {
    /// A filter that is `initial` now; `apply` puts another in its place, or says why not.
    pub fn new(
        initial: String,
        apply: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        let current = Mutex::new(initial.clone());
        Self(Arc::new(Inner { initial, current, apply: Box::new(apply) }))
    }

    /// Adds directives, separated by commas; of two for one target the later counts.
    pub(crate) fn add(&self, directives: &str) -> Result<(), String> {
        let mut current = self.0.current.lock();
        let new = format!("{current},{directives}");
        if new.len() > FILTER_BYTES_MAX {
            return Err("the filter is too long; reset it first".into());
        }
        (self.0.apply)(&new)?;
        *current = new;
        Ok(())
    }

    /// Goes back to the filter of the start.
    pub(crate) fn reset(&self) -> Result<(), String> {
        let mut current = self.0.current.lock();
        (self.0.apply)(&self.0.initial)?;
        current.clone_from(&self.0.initial);
        Ok(())
    }
}

impl fmt::Debug for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LogFilter").field(&self.0.current.lock()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_changes_nothing_and_a_reset_forgets_all() {
        let applied = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&applied);
        let filter = LogFilter::new("info".into(), move |text| {
            if text.contains('!') {
                return Err("no filter".into());
            }
            log.lock().push(text.to_owned());
            Ok(())
        });
        filter.add("rpc=debug").unwrap();
        assert_eq!(filter.add("!"), Err("no filter".into()));
        filter.add("db=trace").unwrap();
        assert!(filter.add(&"x".repeat(FILTER_BYTES_MAX)).unwrap_err().contains("too long"));
        filter.reset().unwrap();
        filter.add("db=warn").unwrap();
        let expected = ["info,rpc=debug", "info,rpc=debug,db=trace", "info", "info,db=warn"];
        assert_eq!(*applied.lock(), expected);
    }
}
