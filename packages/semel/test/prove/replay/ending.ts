import type { Identity } from '../../../src/core/message.ts';
import type { Store } from '../../../src/core/store.ts';
import type { StoreHistory } from './store-history.ts';

/** What a store holds at the end, without what each store numbers as it likes. Takes the partitions over. */
export async function endingOf(store: Store, effects: readonly string[], history: StoreHistory): Promise<unknown> {
  const subscriptions = await store.registry.list();
  const { identities, partitions } = namesIn(history);
  const records = await Promise.all(
    subscriptions.flatMap(({ name }) =>
      identities.map(async (identity) => {
        const record = await store.inbox.get(name, identity);
        if (record === undefined) return [];
        const { atMs: _atMs, ...rest } = record; // when it was claimed, or when it was settled
        return [name, identity.id, rest];
      }),
    ),
  );
  const letters = await store.deadLetters.list();
  const positions = await Promise.all([...partitions].map(async ([consumer, names]) => [consumer, await store.positions?.acquire(consumer, [...names].sort())] as const));
  return {
    effects: [...effects].sort(),
    subscriptions: [...subscriptions].sort((a, b) => a.name.localeCompare(b.name)).map(({ seenAtMs: _seenAtMs, ...subscription }) => subscription), // to the minute, in a database
    records: records.filter(({ length }) => length > 0),
    deadLetters: letters.map(({ id: _id, ...letter }) => letter),
    positions: positions.map(([consumer, acquired]) => [consumer, acquired?.map(({ epoch: _epoch, ...rest }) => rest)]),
  };
}

function namesIn(history: StoreHistory): { readonly identities: readonly Identity[]; readonly partitions: ReadonlyMap<string, ReadonlySet<string>> } {
  const identities = new Map<string, Identity>();
  const partitions = new Map<string, Set<string>>();
  for (const call of history) {
    if (call.kind === 'commit')
      for (const { message } of call.works.flat()) if (message !== undefined) identities.set(`${message.source} ${message.id}`, { source: message.source, id: message.id });
    if (call.kind === 'call' && call.method === 'acquire') {
      const [consumer, names] = call.args as [string, readonly string[]];
      partitions.set(consumer, new Set([...(partitions.get(consumer) ?? []), ...names]));
    }
  }
  return { identities: [...identities.values()], partitions };
}
