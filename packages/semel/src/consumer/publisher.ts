import { SemelError } from '../core/errors.ts';
import type { Identity, Message, SealedMessage } from '../core/message.ts';
import { type PublishOptions, prepare } from '../core/publication.ts';
import type { Stage } from '../core/store.ts';
import type { AnyTopic } from '../core/topic.ts';
import type { Consumer } from './consumer.ts';
import type { Engine } from './engine.ts';

/** Stages what a handler publishes, with ids that a retry of the same cause makes again. */
export class HandlerPublisher {
  readonly #engine: Engine;
  readonly #consumer: Consumer;
  readonly #stage: Stage;
  readonly #nextCall: () => number;

  /** @param nextCall counts the publishes of one run of the handler, from 0 */
  constructor(engine: Engine, consumer: Consumer, stage: Stage, nextCall: () => number = counter()) {
    this.#engine = engine;
    this.#consumer = consumer;
    this.#stage = stage;
    this.#nextCall = nextCall;
  }

  async publish(cause: Message, topic: AnyTopic, data: unknown, options: PublishOptions = {}): Promise<Identity> {
    if (!this.#consumer.policies.publishes.has(topic)) {
      throw new SemelError('undeclared-publish', `consumer ${this.#consumer.name} published to ${topic.name}, which its \`publishes\` does not name`);
    }
    const call = this.#nextCall();
    const sealed = prepare(topic, data, options, {
      name: this.#engine.name,
      nowMs: this.#engine.runtime.clock.now(),
      maxBytes: this.#engine.limits.maxBytes,
      cause: { consumer: this.#consumer.name, message: cause, call },
    });
    return await stageInto(this.#stage, sealed instanceof Promise ? await sealed : sealed, options);
  }
}

/** Stages one message and answers with its identity. */
export async function stageInto(stage: Stage, sealed: SealedMessage, options: PublishOptions): Promise<Identity> {
  await stage.stage(sealed, options.notBefore === undefined ? undefined : { notBeforeMs: options.notBefore.getTime() });
  return { source: sealed.message.source, id: sealed.message.id };
}

function counter(): () => number {
  let count = 0;
  return () => count++;
}
