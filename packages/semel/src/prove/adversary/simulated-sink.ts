import { SemelError } from '../../core/errors.ts';
import type { SealedMessage } from '../../core/message.ts';
import type { Publisher, PublishResult, Transport } from '../../core/transport.ts';
import { LOG_CONTRACT } from '../../testing/models/model-contracts.ts';
import { SHARED } from '../explorer/footprint.ts';
import type { Party, Surroundings } from './surroundings.ts';

/** What goes wrong with a publish: it is refused; it does not arrive, or its answer does not. */
export type PublishFault = 'refuse' | 'lose-publish' | 'lose-publish-reply';

/** Where an outbox is relayed to. Keeps everything that arrives, repetitions included. */
export class SimulatedSink {
  readonly arrivals: SealedMessage[] = [];
  /** What goes wrong with the next message that a worker publishes. */
  readonly nextFault: Map<string, PublishFault> = new Map();
  readonly #around: Surroundings;
  readonly #keepsKeyOrder: boolean;

  /** @param keepsKeyOrder whether nothing of a key is sent after a failure of that key, within one call */
  constructor(around: Surroundings, keepsKeyOrder: boolean) {
    this.#around = around;
    this.#keepsKeyOrder = keepsKeyOrder;
  }

  transportFor(party: Party): Transport & { readonly publisher: Publisher } {
    const publish = async (messages: readonly SealedMessage[]) => {
      this.#around.write(SHARED.sink | party.bit);
      const stopped = new Set<string | undefined>();
      return messages.map((sealed) => {
        const { key } = sealed.message;
        const result = stopped.has(key) ? failed('an earlier message of its key was not sent') : this.#send(sealed, party);
        if (this.#keepsKeyOrder && result.kind !== 'accepted' && key !== undefined) stopped.add(key);
        return result;
      });
    };
    return { name: 'sink', contract: LOG_CONTRACT, publisher: { keepsKeyOrder: this.#keepsKeyOrder, publish, close: async () => {} } };
  }

  #send(sealed: SealedMessage, { label }: Party): PublishResult {
    const fault = this.nextFault.get(label);
    this.nextFault.delete(label);
    if (fault === 'refuse') return failed('the broker refused it');
    if (fault !== 'lose-publish') {
      this.arrivals.push(sealed);
      this.#around.note('sink', { kind: 'arrived', id: sealed.message.id });
    }
    return fault === undefined ? { kind: 'accepted' } : { kind: 'unknown', error: new SemelError('publish-failed', 'the broker did not answer') };
  }
}

function failed(why: string): PublishResult {
  return { kind: 'failed', error: new SemelError('publish-failed', why), retryable: true };
}
