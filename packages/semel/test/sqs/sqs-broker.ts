import type { Publisher, PublishResult, Transport } from 'semel';
import { sqs } from 'semel/sqs';
import { type SqsPlace, sqsAt } from './queues.ts';

/** For the processes that are to be killed: at `<place>#<endpoint>#<base of its queues>`. A queue has one consumer, so what is published goes to the queue of each. */
export function transport(address: string): Transport {
  const [place, endpoint, base] = address.split('#') as [SqsPlace, string, string];
  const client = sqsAt(place, endpoint === '' ? undefined : endpoint);
  const publishers = ['book', 'poisoned'].flatMap((consumer) => sqs({ client, queue: `${base}-${consumer}.fifo` }).publisher ?? []);
  return { ...sqs({ client, queue: `${base}-{consumer}.fifo` }), publisher: toEach(publishers) };
}

/** The worst of the results counts: what one queue has not taken goes to all of them again, under the same identity. */
function toEach(publishers: readonly Publisher[]): Publisher {
  const publish: Publisher['publish'] = async (messages, options) => {
    const all = await Promise.all(publishers.map((publisher) => publisher.publish(messages, options)));
    return messages.map((_, index) => all.map((results) => results[index] as PublishResult).find(({ kind }) => kind !== 'accepted') ?? { kind: 'accepted' });
  };
  return { keepsKeyOrder: false, publish, close: async () => {} };
}
