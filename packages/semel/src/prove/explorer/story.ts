import type { Entry } from '../history.ts';

/** What each fault is, for people. */
const FAULTS: Readonly<Record<string, string>> = {
  kill: 'dies',
  freeze: 'stops, and does not know it',
  cut: 'loses its connection to the database, and its transaction is undone',
  'lose-reply': 'commits, but does not hear so',
  'lose-request': 'asks for its commit, which never arrives, and hears nothing',
  'lose-fate': 'commits, does not hear so, and nobody can tell it for a while',
  throw: 'runs into an error of its handler',
  pause: 'has a handler that asks for a pause',
  slow: 'has a handler that takes too long',
  duplicate: 'delivers once more:',
  'lose-ack': 'acknowledges, which does not arrive',
  disconnect: 'loses its connection to the broker, and what it had in hand',
  rebalance: 'gives the partitions to other workers',
  refuse: 'publishes, and is refused',
  'lose-publish': 'publishes, which does not arrive, and hears nothing',
  'lose-publish-reply': 'publishes, which arrives, but does not hear so',
  'killed by its message': 'is ended by the message in its hands',
};

/** A run as people read it: who did what, step by step. */
export function storyOf(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap((entry) => {
    const text = sentenceOf(entry);
    return text === undefined ? [] : [`${(entry.atMs / 1000).toFixed(3).padStart(9)} s  ${entry.who.padEnd(6)} ${text}`];
  });
}

function sentenceOf(entry: Entry): string | undefined {
  switch (entry.kind) {
    case 'reached':
      return `is at ${entry.at}${ids(entry.ids)}`;
    case 'goes-on':
      return undefined;
    case 'fault':
      return `** ${FAULTS[entry.fault] ?? entry.fault}${entry.id === undefined ? '' : ` ${entry.id}`} (at ${entry.at}) **`;
    case 'woke':
      return 'wakes up';
    case 'restarted':
      return 'is started in its place';
    case 'notice':
      return `says: ${entry.type}${ids(entry.ids)}${entry.code === undefined ? '' : `, because of ${entry.code}`}`;
    case 'delivered':
      return `receives ${entry.id}${entry.attempt > 1 ? `, the ${entry.attempt}. time` : ''}`;
    case 'acknowledged':
      return `acknowledges ${entry.id}${entry.kept ? '' : ', which the store knows nothing of'}`;
    case 'threw':
      return `throws in the handler of ${entry.id} (${entry.run})`;
    case 'committed':
      return `has committed ${entry.id}${entry.stale ? ', which was not its own any more' : ''}`;
    case 'told':
      return `is told that ${entry.id} is ${entry.fate}`;
    case 'arrived':
      return `receives what was published because of ${entry.id}`;
  }
}

function ids(messages: readonly string[]): string {
  return messages.length === 0 ? '' : ` with ${messages.join(', ')}`;
}
