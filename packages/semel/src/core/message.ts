/** What makes a message this message: it comes from the business event and survives redelivery, redrive and a change of broker. */
export interface Identity {
  readonly source: string;
  readonly id: string;
}

/**
 * A CloudEvents 1.0 event on a topic.
 *
 * `data` is JSON. On the wire it is what the publisher gave; in a handler it is what the topic's schema made of it.
 */
export interface Message<Data = unknown> extends Identity {
  /** The topic's name; carried by the route, not a CloudEvents attribute. */
  readonly topic: string;
  /** The event type; the topic's name unless the topic declares several. */
  readonly type: string;
  /** When the event was published: RFC 3339, UTC. */
  readonly time: string;
  /** Messages of one key are handled in order (CloudEvents `partitionkey`). */
  readonly key?: string;
  readonly data: Data;
  /** CloudEvents extension attributes: names of lower-case letters and digits; `traceparent`, `correlationid`, `causationid`, `sequence` among them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A message made ready to be stored or sent: its data as canonical JSON (RFC 8785), and the fingerprint of type and data. */
export interface SealedMessage {
  readonly message: Message;
  /** `message.data`, canonical. */
  readonly json: string;
  /** SHA-256 over type and canonical data, base64url. Two messages of one identity must agree in it. */
  readonly fingerprint: string;
}

/** What identifies a message, and nothing else of it. */
export function identityOf({ source, id }: Identity): Identity {
  return { source, id };
}

/** Whether two identities are the same one. */
export function sameIdentity(a: Identity, b: Identity): boolean {
  return a.id === b.id && a.source === b.source;
}

/** One string per identity, for maps; unambiguous because the length of the source stands first. */
export function identityKey(identity: Identity): string {
  return `${identity.source.length}:${identity.source}${identity.id}`;
}
