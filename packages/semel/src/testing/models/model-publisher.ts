import { SemelError } from '../../core/errors.ts';
import type { SealedMessage } from '../../core/message.ts';
import type { Publisher, PublishResult } from '../../core/transport.ts';

/**
 * What goes wrong with a publish, decided by a test or the prover for each message:
 * - `refuse`: the broker does not take it, and says so;
 * - `lose-request`: it does not arrive, and no answer comes;
 * - `lose-reply`: it arrives, and no answer comes.
 */
export type PublishFault = (message: SealedMessage) => 'refuse' | 'lose-request' | 'lose-reply' | undefined;

/** The publisher of a model. After a failure nothing more of its key is sent in the same call. */
export function modelPublisher(append: (message: SealedMessage) => void, fault: PublishFault = () => undefined): Publisher {
  return {
    keepsKeyOrder: true,
    publish: async (messages) => {
      const stopped = new Set<string>();
      return messages.map((sealed) => {
        const { key } = sealed.message;
        const result = key !== undefined && stopped.has(key) ? failed('an earlier message of its key was not sent') : send(sealed, append, fault);
        if (result.kind !== 'accepted' && key !== undefined) stopped.add(key);
        return result;
      });
    },
    close: async () => {},
  };
}

function send(sealed: SealedMessage, append: (message: SealedMessage) => void, fault: PublishFault): PublishResult {
  const what = fault(sealed);
  if (what === 'refuse') return failed('the broker refused it');
  if (what !== 'lose-request') append(sealed);
  return what === undefined ? { kind: 'accepted' } : { kind: 'unknown', error: new SemelError('publish-failed', 'the broker did not answer') };
}

function failed(why: string): PublishResult {
  return { kind: 'failed', error: new SemelError('publish-failed', why), retryable: true };
}
