import { isStoreTrouble } from '../../core/commit-group.ts';
import { commitResolved } from '../../core/commit-resolved.ts';
import { isSemelError } from '../../core/errors.ts';
import type { SealedMessage } from '../../core/message.ts';
import type { Work } from '../../core/store.ts';
import type { Publisher, PublishResult } from '../../core/transport.ts';
import { unitIds } from '../../core/unit-ids.ts';
import type { PeerConnection } from './peer-connection.ts';

/** Puts messages into the peer's queues: all of a call in one transaction there, or, if one of them is refused, each in its own. */
export class PeerPublisher implements Publisher {
  readonly keepsKeyOrder = true;
  readonly #peer: PeerConnection;
  readonly #unit: () => string;

  constructor(peer: PeerConnection) {
    this.#peer = peer;
    this.#unit = unitIds(peer.runtime);
  }

  async publish(messages: readonly SealedMessage[]): Promise<readonly PublishResult[]> {
    await this.#peer.open();
    try {
      await this.#commit(messages);
      return messages.map(() => ({ kind: 'accepted' }));
    } catch (error) {
      if (isSemelError(error, 'commit-unknown')) return messages.map(() => ({ kind: 'unknown', error }));
      if (isStoreTrouble(error)) throw error; // nothing at all was sent
      return this.#oneByOne(messages);
    }
  }

  close(): Promise<void> {
    return this.#peer.close();
  }

  async #oneByOne(messages: readonly SealedMessage[]): Promise<readonly PublishResult[]> {
    const results: PublishResult[] = [];
    const stopped = new Map<string, unknown>();
    for (const sealed of messages) {
      const { key } = sealed.message;
      const result: PublishResult = key !== undefined && stopped.has(key) ? { kind: 'failed', error: stopped.get(key), retryable: true } : await this.#one(sealed);
      if (key !== undefined && (result.kind === 'unknown' || (result.kind === 'failed' && result.retryable))) stopped.set(key, result.error);
      results.push(result);
    }
    return results;
  }

  async #one(sealed: SealedMessage): Promise<PublishResult> {
    try {
      await this.#commit([sealed]);
      return { kind: 'accepted' };
    } catch (error) {
      if (isSemelError(error, 'commit-unknown')) return { kind: 'unknown', error };
      return { kind: 'failed', error, retryable: isStoreTrouble(error) };
    }
  }

  async #commit(messages: readonly SealedMessage[]): Promise<void> {
    const work: Work = {
      items: [],
      run: async (scope) => {
        for (const sealed of messages) await scope.stage(sealed);
        return [];
      },
    };
    await commitResolved(this.#peer.store, [work], { unit: this.#unit(), onFailure: () => undefined }, this.#peer.runtime);
  }
}
