import { SemelError } from '../../core/errors.ts';
import type { DeadLetters, Inbox } from '../../core/store.ts';

/** The refusal of what Kafka's transactions do not have. */
export function lacks(what: string, mend: string): SemelError {
  return new SemelError('capability-missing', `${what}: Kafka's transactions have no such thing; ${mend}`);
}

/** Nothing is recorded of a handled message, and so nothing can be imported. */
export const NO_INBOX: Inbox = {
  get: async () => undefined,
  import: async () => {
    throw lacks('a record of handled messages', "move the group's offsets instead");
  },
};

/** Dead letters are records of a topic. */
export function noDeadLetters(topic: string): DeadLetters {
  const refuse = async (): Promise<never> => {
    throw lacks('a list of dead letters', `they are records of topic ${topic}; publish them again from there`);
  };
  return { list: refuse, get: refuse, redrive: refuse, discard: refuse };
}
