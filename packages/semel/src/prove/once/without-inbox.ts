import type { Consumer, OutsideContext, SetContext } from '../../consumer/consumer.ts';
import type { AnyTopic } from '../../core/topic.ts';

/** The consumer as one that handles at least once: the handler gets a transaction, and there is no record in it. */
export function withoutInbox(consumer: Consumer): Consumer {
  const plain: Consumer = { ...consumer, guarantee: 'at-least-once', set: false };
  if (consumer.guarantee !== 'exactly-once') return plain;
  const handler = (outside: Outside) => {
    const { transaction, message, ...rest } = outside;
    return transaction(({ tx, publish }) => consumer.handler({ ...rest, signal: outside.signal, tx, ...(consumer.set ? setOf(message, publish) : { message, publish }) }));
  };
  return { ...plain, handler };
}

type Outside = OutsideContext<unknown, unknown, AnyTopic>;

function setOf(message: Outside['message'], publish: Outside['publish']): Partial<SetContext<unknown, unknown, AnyTopic>> {
  return {
    messages: [message],
    publish,
    fail: (_message, error) => {
      throw error;
    },
  };
}
