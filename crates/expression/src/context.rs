//! What an evaluation asks the world for.

/// What an evaluation needs beside the attributes. Whatever may differ between two evaluations of
/// the same object is asked for here.
pub trait Context {
    /// The current time. Asked at most once in an evaluation.
    fn now(&self) -> jiff::Timestamp;

    /// A random number, every value equally likely. Used for passwords, too, so the generator must
    /// be a cryptographic one in production.
    fn random_u64(&self) -> u64;

    /// Whether an object of the target already has this value, compared without regard to case
    /// (`SelectUniqueValue`).
    fn exists_in_target(&self, value: &str) -> bool;

    /// The default domain of the tenant (`DefaultDomain`).
    fn default_domain(&self) -> Option<&str> {
        None
    }

    /// The value that the job's configuration gives to `%name%`.
    fn token(&self, name: &str) -> Option<&str> {
        let _ = name;
        None
    }
}
