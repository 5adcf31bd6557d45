import { SemelError } from '../core/errors.ts';
import { type Identity, identityOf, type Message, type SealedMessage } from '../core/message.ts';
import { type PublishOptions, prepare } from '../core/publication.ts';
import type { Stage } from '../core/store.ts';
import type { AnyTopic } from '../core/topic.ts';
import type { Consumer } from './consumer.ts';
import type { Engine } from './engine.ts';
import type { Invocation } from './watchdog.ts';

/** Stages what a handler publishes, with ids that a retry of the same cause makes again. One per run of a handler. */
export class HandlerPublisher {
  readonly #engine: Engine;
  readonly #consumer: Consumer;
  readonly #invocation: Invocation;
  /** How often each message was given as a cause so far. */
  #calls: Map<Message | undefined, number> | undefined;

  constructor(engine: Engine, consumer: Consumer, invocation: Invocation) {
    this.#engine = engine;
    this.#consumer = consumer;
    this.#invocation = invocation;
  }

  /** Where no cause is given, and the topic has no `id` of its own, an id has to be named. */
  async publish(stage: Stage, cause: Message | undefined, topic: AnyTopic, data: unknown, options: PublishOptions = {}): Promise<Identity> {
    this.#invocation.open += 1;
    try {
      const sealed = this.#prepare(cause, topic, data, options);
      return await stageInto(stage, sealed instanceof Promise ? await sealed : sealed, options);
    } finally {
      this.#invocation.open -= 1;
    }
  }

  #prepare(cause: Message | undefined, topic: AnyTopic, data: unknown, options: PublishOptions): SealedMessage | Promise<SealedMessage> {
    if (!this.#consumer.policies.publishes.has(topic)) {
      throw new SemelError('undeclared-publish', `consumer ${this.#consumer.name} published to ${topic.name}, which its \`publishes\` does not name`);
    }
    const { name, runtime, limits } = this.#engine;
    const origin = { name, nowMs: runtime.clock.now(), maxBytes: limits.maxBytes };
    return prepare(topic, data, options, cause === undefined ? origin : { ...origin, cause: { consumer: this.#consumer.name, message: cause, call: this.#nextCall(cause) } });
  }

  #nextCall(cause: Message): number {
    this.#calls ??= new Map();
    const call = this.#calls.get(cause) ?? 0;
    this.#calls.set(cause, call + 1);
    return call;
  }
}

/** Stages one message and answers with its identity. */
export async function stageInto(stage: Stage, sealed: SealedMessage, options: PublishOptions): Promise<Identity> {
  await stage.stage(sealed, options.notBefore === undefined ? undefined : { notBeforeMs: options.notBefore.getTime() });
  return identityOf(sealed.message);
}
