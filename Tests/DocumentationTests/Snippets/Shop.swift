import Foundation
import Reprise

// What the examples in doc comments talk about.

struct Invoice: Codable, Sendable { var amount: Int }
struct Trip: Codable, Sendable { var to: String }
struct Approval: Codable, Sendable { var by: String }
enum Decision: String, Codable, Sendable { case accepted, refused, expired }

enum Payments {
    struct Charge: Codable, Sendable { var amount: Int }
    struct Receipt: Codable, Sendable { var id: String }
    static let charge = Activity<Charge, Receipt>("payments.charge", timeout: .seconds(20))
}

extension Payments {
    static let refund = Activity<String, Int>("payments.refund")
}

struct Declined: Error, Codable { var reason: String }
struct SoldOut: Error, Codable { var item: Int }
struct ConnectionLost: Error {}

enum Numbers { static let random = Activity<Void, Int>("random") }
enum Flights {
    static let book = Activity<Trip, String>("flights.book")
    static let cancel = Activity<String, Bool>("flights.cancel")
}
enum Hotels {
    static let book = Activity<Trip, String>("hotels.book")
    static let cancel = Activity<String, Bool>("hotels.cancel")
}
enum Seats { static let release = Activity<String, Bool>("seats.release") }
enum Fraud { static let check = Activity<Payments.Charge, Bool>("fraud.check") }
enum Greetings { static let compose = Activity<String, String>("greetings.compose") }
enum Emails {
    static let send = Activity<String, Bool>("emails.send")
    static let confirm = Activity<Parcel, Bool>("emails.confirm")
}
enum Meters { static let read = Activity<String, Int>("meters.read") }
enum Rates {
    struct Pair: Codable, Sendable { var from: String, to: String }
    static let lookUp = Activity<Pair, Double>("rates.lookUp")
}

protocol PaymentGateway: Sendable {
    func charge(_ charge: Payments.Charge, idempotencyKey: String) async throws -> Payments.Receipt
    func begin(_ charge: Payments.Charge, reference: String) async throws
}

struct Mailer: Sendable { func send(_ message: String) async throws -> Bool { true } }

struct Parcel: Codable, Sendable { var id: String }

final class Shipping: Workflow {
    init(input: Parcel) {}
    func run(_ context: WorkflowContext) async throws -> String { "" }
}

final class Order: Workflow {
    init(input: Payments.Charge) {}
    func run(_ context: WorkflowContext) async throws -> Payments.Receipt { .init(id: "") }
}

final class Subscription: Workflow {
    struct Output: Codable, Sendable { var paid: Int }
    init(input: Int) {}
    var isCancelled = false
    @Variable var paid = 0

    func cancelPlan(_ reason: String) { isCancelled = true }
    static let cancelPlan = Signal("cancelPlan", Subscription.cancelPlan)
    static var handlers: [Handler<Subscription>] { cancelPlan }

    func run(_ context: WorkflowContext) async throws -> Output { .init(paid: paid) }
}
