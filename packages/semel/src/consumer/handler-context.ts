import { hash } from 'node:crypto';
import type { Identity, Message } from '../core/message.ts';
import type { Publish, PublishOptions } from '../core/publication.ts';
import type { Scope } from '../core/store.ts';
import type { AnyTopic } from '../core/topic.ts';
import type { Consumer, OutsideContext, SetContext, TransactionContext } from './consumer.ts';
import type { Engine } from './engine.ts';
import { HandlerPublisher } from './publisher.ts';
import type { Invocation } from './watchdog.ts';

/** What a handler that runs inside the transaction is given. */
export function insideContext(
  engine: Engine,
  consumer: Consumer,
  scope: Scope,
  message: Message,
  attempt: number,
  invocation: Invocation,
): TransactionContext<unknown, unknown, AnyTopic> {
  const publisher = new HandlerPublisher(engine, consumer, invocation);
  const publish: Publish = (topic, data, options) => publisher.publish(scope, message, topic, data, options);
  const context = new InsideContext(invocation, message, attempt, scope.tx, publish);
  if (consumer.policies.alone) Object.assign(context, { idempotencyKey: (name: string) => outboundKey(consumer, message, name) });
  return extended(engine, consumer, message, context);
}

/** What a set handler is given; failures it marks land in `failed`. */
export function setContext(
  engine: Engine,
  consumer: Consumer,
  scope: Scope,
  messages: readonly Message[],
  invocation: Invocation,
  failed: Map<Message, unknown>,
): SetContext<unknown, unknown, AnyTopic> {
  const publisher = new HandlerPublisher(engine, consumer, invocation);
  const context = Object.assign(new BaseContext(invocation), {
    messages,
    tx: scope.tx,
    publish: (topic: AnyTopic, data: unknown, options?: PublishOptions, cause?: Message) => publisher.publish(scope, cause, topic, data, options),
    fail: (message: Message, error: unknown) => void failed.set(message, error),
  });
  return extended(engine, consumer, messages[0] as Message, context);
}

/** What opens a transaction of its own, for handlers that run outside one. */
export type OpenTransaction = <Result>(run: (scope: Scope) => Promise<Result>) => Promise<Result>;

/** What a handler that runs outside any transaction is given. */
export function outsideContext(
  engine: Engine,
  consumer: Consumer,
  open: OpenTransaction,
  message: Message,
  attempt: number,
  invocation: Invocation,
): OutsideContext<unknown, unknown, AnyTopic> {
  const publisher = new HandlerPublisher(engine, consumer, invocation);
  const publishIn = (scope: Scope): ((topic: AnyTopic, data: unknown, options?: PublishOptions) => Promise<Identity>) => {
    return (topic, data, options) => publisher.publish(scope, message, topic, data, options);
  };
  const context = Object.assign(new BaseContext(invocation), {
    message,
    attempt,
    transaction: <Result>(run: (inside: { tx: unknown; publish: ReturnType<typeof publishIn> }) => Result | Promise<Result>) =>
      open(async (scope) => run({ tx: scope.tx, publish: publishIn(scope) })),
    publish: (topic: AnyTopic, data: unknown, options?: PublishOptions) => open((scope) => publishIn(scope)(topic, data, options)),
    idempotencyKey: (name: string) => outboundKey(consumer, message, name),
  });
  return extended(engine, consumer, message, context);
}

/** The key under which an outside service is called: from what the message is, never from when or where it ran. */
function outboundKey(consumer: Consumer, message: Message, name: string): string {
  return hash('sha256', JSON.stringify([consumer.name, message.source, message.id, name]), 'base64url');
}

function extended<Context extends object>(engine: Engine, consumer: Consumer, message: Message, context: Context): Context {
  return engine.extend === undefined ? context : Object.assign(context, engine.extend({ consumer: consumer.name, topic: consumer.topic, message }));
}

/** Has its getter in its class: one of an object literal is a hidden class for every message, dear to make and kept until a full collection. */
class BaseContext {
  readonly #invocation: Invocation;

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
  }

  get signal(): AbortSignal {
    return this.#invocation.signal;
  }
}

/** Assigned field by field, for there is one for every message. */
class InsideContext extends BaseContext {
  readonly message: Message;
  readonly attempt: number;
  readonly tx: unknown;
  readonly publish: Publish;

  constructor(invocation: Invocation, message: Message, attempt: number, tx: unknown, publish: Publish) {
    super(invocation);
    this.message = message;
    this.attempt = attempt;
    this.tx = tx;
    this.publish = publish;
  }
}
