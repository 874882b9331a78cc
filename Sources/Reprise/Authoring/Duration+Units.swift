extension Duration {
    /// Minutes of 60 seconds.
    public static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }

    /// Hours of 60 minutes.
    public static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }

    /// Days of 24 hours: for calendar days compute a date, and sleep until it.
    public static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}
