import Foundation

extension Int {
    var grouped: String { formatted(.number.locale(Locale(identifier: "en_US"))) }
}

extension Double {
    /// To three digits, or to a whole number.
    var rounded3: String {
        let style = FloatingPointFormatStyle<Double>.number.locale(Locale(identifier: "en_US"))
        return abs(self) >= 100
            ? formatted(style.precision(.fractionLength(0))) : formatted(style.precision(.significantDigits(1...3)))
    }
}
