/**
 * Every way in which Semel refuses or fails, in one table: whether trying the same again can help, and what to do.
 * The codes are stable; the docs and the CLI are generated from, and tested against, this table.
 */
export const ERROR_CODES = {
  'bad-option': { retryable: false, todo: 'Correct the option that the message names.' },
  'duplicate-name': { retryable: false, todo: 'Give each topic and each consumer a name of its own.' },
  'unknown-consumer': { retryable: false, todo: 'Check the name against `semel status`.' },
  'unknown-dead-letter': { retryable: false, todo: 'List the dead letters with `semel dead list`.' },
  'not-redrivable': { retryable: false, todo: 'Publish it again, corrected, with an id of its own, then discard the dead letter.' },
  'capability-missing': { retryable: false, todo: 'Use a store or transport that can, or change the option that asks for it.' },
  'window-too-short': { retryable: false, todo: 'Raise the retention to the figure that the message gives.' },
  'deadline-too-short': { retryable: false, todo: 'Lower `timeoutMs` to the figure that the message gives, or raise the deadline at the broker.' },
  'identity-unstable': { retryable: false, todo: 'Make the id from the business event, so that it is the same however often the event is published.' },
  'field-missing': { retryable: false, todo: 'Give the named field a value: an absent one would be one key for all messages.' },
  'not-json': { retryable: false, todo: 'Send JSON (RFC 8259) in UTF-8.' },
  'too-large': { retryable: false, todo: 'Send a reference to the data, or raise the limit.' },
  'payload-missing': { retryable: false, todo: 'Keep payloads for as long as their messages can come; publish the message again.' },
  'too-deep': { retryable: false, todo: 'Flatten the data, or raise the limit.' },
  'duplicate-member': { retryable: false, todo: 'Name each member of an object once.' },
  'forbidden-member': { retryable: false, todo: 'Rename the member: `__proto__` can change what a program does.' },
  'unsafe-number': { retryable: false, todo: 'Send integers beyond 2^53 as strings.' },
  'not-cloudevent': { retryable: false, todo: 'Send a CloudEvents 1.0 event in structured JSON form.' },
  'schema-invalid': { retryable: false, todo: 'Correct the data, or the schema of the topic.' },
  'unknown-type': { retryable: false, todo: 'Declare the event type in the topic.' },
  'undeclared-publish': { retryable: false, todo: "Name the topic in the consumer's `publishes`." },
  'identity-conflict': { retryable: false, todo: 'Give each event an id of its own; one id may not carry two payloads.' },
  'nested-transaction': { retryable: false, todo: "Use the handler's own `tx` and `publish`." },
  'transaction-over': { retryable: false, todo: 'Await every use of `tx` and `publish` before the handler returns.' },
  'transaction-control': { retryable: false, todo: 'Leave BEGIN, COMMIT and ROLLBACK to Semel; SAVEPOINT is yours.' },
  'transaction-ended': { retryable: false, todo: 'Let a failed statement fail the handler, and avoid OR ROLLBACK and RAISE(ROLLBACK): the transaction holds the record.' },
  'foreign-transaction': { retryable: false, todo: "Pass an open transaction of the store's own database." },
  'not-interactive': { retryable: false, todo: 'This store collects writes and commits them at the end: it cannot answer a read in a transaction.' },
  'condition-failed': { retryable: true, todo: 'Nothing: the message is handled again, on the newest values.' },
  'handler-timeout': { retryable: true, todo: 'Make the handler faster, or raise `timeoutMs`.' },
  'handler-aborted': { retryable: true, todo: 'Nothing: the message is delivered again.' },
  'handler-failed': { retryable: true, todo: 'See the cause.' },
  crashed: { retryable: false, todo: 'Find what ends the process, mend it, then redrive.' },
  'commit-unknown': { retryable: true, todo: 'Nothing: the record is looked up before anything is run again.' },
  'lease-lost': { retryable: true, todo: 'Nothing was written. Handle messages faster, or raise `leaseMs`.' },
  'store-busy': { retryable: true, todo: 'Another transaction holds the lock; shorten it, or raise `lockTimeoutMs`.' },
  'store-conflict': { retryable: true, todo: 'Nothing: the transaction is run again.' },
  'store-forbidden': { retryable: true, todo: 'Grant the role what `semel migrate --print` lists.' },
  'store-full': { retryable: true, todo: 'Free space on the disk; Semel goes on by itself.' },
  'store-readonly': { retryable: true, todo: 'Give the process the right to write the file and its folder.' },
  'store-missing': { retryable: false, todo: 'Check the address of the store; `semel migrate` makes a new one.' },
  'store-unavailable': { retryable: true, todo: 'See the cause; Semel tries again.' },
  'store-corrupt': { retryable: false, todo: 'Stop all writers, keep a copy of the files, restore a backup.' },
  'pool-too-small': { retryable: false, todo: 'Give the pool the figure that the message names, or lower the `concurrency` of consumers and of `relay`.' },
  'store-closed': { retryable: false, todo: 'Open a new store.' },
  'schema-missing': { retryable: false, todo: 'Run `semel migrate`.' },
  'schema-outdated': { retryable: false, todo: 'Run `semel migrate`.' },
  'schema-newer': { retryable: false, todo: 'Deploy a version of Semel at least as new as the message says.' },
  'schema-changed': { retryable: false, todo: 'Restore the shipped migration: one that was applied has been altered.' },
  'transport-unavailable': { retryable: true, todo: 'See the cause; Semel tries again.' },
  'position-gone': { retryable: false, todo: "Set `onGap: 'continue'` to read on from what is left, or give the topic its records back." },
  'topology-differs': { retryable: false, todo: 'Delete what differs, or give Semel other names, or `declare: false` where others make it.' },
  'slot-lost': { retryable: true, todo: 'Nothing: what the slot did not bring is relayed from the table.' },
  'slot-behind': { retryable: true, todo: 'See `semel doctor`: an open transaction, or a server that reads its log too slowly. Its disk fills up meanwhile.' },
  'publish-failed': { retryable: true, todo: 'See the cause; the relay tries again.' },
  'archive-failed': { retryable: true, todo: 'See the cause; what was not archived stays in the store, and the next prune tries again.' },
  'archive-damaged': { retryable: false, todo: 'Take another copy of the file: it is not what was written.' },
  'signature-invalid': { retryable: false, todo: 'Answer 4xx and handle nothing: it does not come from where it says, or was altered.' },
  'app-unusable': { retryable: false, todo: 'Name a module that exports what the message asks for, and starts nothing when it is imported.' },
  'not-running': { retryable: false, todo: 'Start it first.' },
  'driver-missing': { retryable: false, todo: 'Install the package that the message names.' },
  'not-proven': { retryable: false, todo: 'Read the report: it says what happened, and what to do.' },
  'node-too-old': { retryable: false, todo: 'Use Node.js 22.16 or later.' },
} as const;

/** The code of a {@link SemelError}; stable across versions. */
export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * The one error class of Semel.
 *
 * @example
 * try { await semel.publish(orders, order); }
 * catch (error) { if (isSemelError(error, 'identity-conflict')) … }
 */
export class SemelError extends Error {
  override readonly name = 'SemelError';
  /** What went wrong; see {@link ERROR_CODES}. */
  readonly code: ErrorCode;
  /** True where trying the same again can succeed. */
  readonly retryable: boolean;
  /** Facts for programs: field names, fingerprints, figures. Never payloads or secrets. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown; readonly details?: Readonly<Record<string, unknown>> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = ERROR_CODES[code].retryable;
    this.details = options.details ?? {};
  }
}

/** Whether `error` is a {@link SemelError}, and, where `code` is given, one of that code. Works across two copies of the package. */
export function isSemelError(error: unknown, code?: ErrorCode): error is SemelError {
  return error instanceof Error && error.name === 'SemelError' && 'code' in error && (code === undefined || error.code === code);
}
