/// A property of a workflow that the debugger shows.
///
/// ```swift
/// @Variable var paid = 0
/// ```
///
/// Any type will do: `Encodable` values are shown as JSON, others by their description. For a name made at run time use
/// ``WorkflowContext/setVariable(_:_:)``.
@propertyWrapper
public final class Variable<Value> {
    /// The value.
    public var wrappedValue: Value

    /// Makes a variable with its first value.
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

/// What the debugger sees of a ``Variable`` when it finds one by reflection.
protocol AnyVariable { var anyValue: Any { get } }

extension Variable: AnyVariable {
    var anyValue: Any { wrappedValue }
}
