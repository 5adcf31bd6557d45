import { SemelError } from '../../core/errors.ts';
import { identityKey, type SealedMessage } from '../../core/message.ts';
import type { Scope } from '../../core/store.ts';
import { CollectingTransaction } from './collecting-transaction.ts';
import type { CollectedWrite, Refusal } from './collecting-write.ts';
import type { MemoryState } from './memory-state.ts';
import { transactionOver } from './memory-transaction.ts';

/** What a work sees of its transaction: its writes and messages are gathered here. */
export class CollectingScope implements Scope<CollectingTransaction> {
  readonly tx: CollectingTransaction;
  readonly #state: MemoryState;
  readonly #nowMs: number;
  readonly #staged = new Map<string, { readonly sealed: SealedMessage; readonly write: CollectedWrite }>();
  #over = false;

  constructor(state: MemoryState, nowMs: number) {
    this.#state = state;
    this.#nowMs = nowMs;
    this.tx = new CollectingTransaction(state.values);
  }

  /** All that is to be written. */
  get writes(): readonly CollectedWrite[] {
    return [...this.tx.writes, ...[...this.#staged.values()].map(({ write }) => write)];
  }

  async stage(sealed: SealedMessage, options: Parameters<Scope['stage']>[1] = {}): Promise<void> {
    if (this.#over) throw transactionOver();
    const identity = identityKey(sealed.message);
    const earlier = this.#staged.get(identity);
    if (earlier !== undefined && earlier.sealed.fingerprint !== sealed.fingerprint) throw stagedTwice(sealed);
    if (earlier !== undefined || this.#state.knows(sealed)) return;
    this.#staged.set(identity, { sealed, write: this.#write(sealed, options.notBeforeMs ?? 0) });
  }

  /** From now on every use of `tx` and `stage` is refused. */
  revoke(): void {
    this.#over = true;
    this.tx.revoke();
  }

  #write(sealed: SealedMessage, notBeforeMs: number): CollectedWrite {
    const { message } = sealed;
    return {
      what: 'message',
      weight: 1 + this.#state.receivers(message.topic).length,
      touches: [`message ${identityKey(message)}`],
      refusal: () => this.#refusal(sealed),
      apply: () => {
        if (!this.#state.knows(sealed)) this.#state.fanOut(this.#state.keep(sealed, notBeforeMs, this.#nowMs), this.#nowMs);
      },
    };
  }

  #refusal(sealed: SealedMessage): Refusal | undefined {
    try {
      this.#state.knows(sealed);
      return undefined;
    } catch (error) {
      return { kind: 'failed', error };
    }
  }
}

function stagedTwice({ message: { source, id } }: SealedMessage): SemelError {
  return new SemelError('identity-conflict', `message ${id} of ${source} was published twice in one transaction, with two payloads`, { details: { source, id } });
}
