import type { AnyTopic } from '../core/topic.ts';

/**
 * Where the ids of a topic come from, as far as its `id` functions tell when they are asked twice about the same data.
 * - `stable`: they gave the same id both times;
 * - `unstable`: they gave two: chance, the time or a counter is in them;
 * - `untried`: they need real data to give any;
 * - `given`: it has none: each publish brings an id, or stands in a handler, where one is derived.
 */
export type IdentityFinding = 'stable' | 'unstable' | 'untried' | 'given';

type IdFunction = (data: unknown) => unknown;

/** What a function gave when it was first asked, and about what: by the next time the clock has moved, so that the time in an id shows. */
const first = new WeakMap<IdFunction, { readonly make: () => unknown; readonly id: string }>();

/**
 * Asks the `id` functions of a topic; one that is unstable is enough. They are pure by contract; what one throws is no finding. Asked when a consumer is
 * declared and again when it starts, an id with the time in it is another one, unless both are within a millisecond; chance and counters show at once.
 */
export function identityOf(topic: AnyTopic): IdentityFinding {
  const functions = [...topic.types.values()].flatMap(({ id }) => (id === undefined ? [] : [id as IdFunction]));
  const findings = functions.map(findingOf);
  if (findings.includes('unstable')) return 'unstable';
  if (findings.includes('untried')) return 'untried';
  return functions.length < topic.types.size ? 'given' : 'stable';
}

function findingOf(id: IdFunction): IdentityFinding {
  const before = first.get(id) ?? firstAnswer(id);
  if (before === undefined) return 'untried';
  first.set(id, before);
  return idOf(id, before.make()) === before.id ? 'stable' : 'unstable';
}

/** There is no real message yet, so it is tried on data that has every member: the first kind that the function can work with decides. */
function firstAnswer(id: IdFunction): { readonly make: () => unknown; readonly id: string } | undefined {
  for (const make of [anyData, flatData, () => 'text']) {
    const made = idOf(id, make());
    if (made !== undefined) return { make, id: made };
  }
  return undefined;
}

function idOf(id: IdFunction, data: unknown): string | undefined {
  try {
    return String(id(data));
  } catch {
    return undefined;
  }
}

/** More than any id reads; a function that walks on and on is stopped. */
const MAX_READS = 1_000;

/** Data whose members, whatever their names, are such data again, and whose text is where they stand; it can be called and walked through as well. */
function anyData(): unknown {
  let reads = 0;
  const at = (path: string): unknown =>
    new Proxy(() => path, {
      get: (_, name) => {
        if (++reads > MAX_READS) throw new RangeError('the function does not come to an end');
        if (name === Symbol.toPrimitive || name === 'toString' || name === 'valueOf' || name === 'toJSON') return () => path;
        if (name === Symbol.iterator) return () => [at(`${path}[0]`)].values();
        return at(`${path}.${String(name)}`);
      },
      apply: () => at(`${path}()`),
    });
  return at('$');
}

/** Data whose members are texts: for functions that hand them to something which takes nothing else. */
function flatData(): unknown {
  return new Proxy({}, { get: (_, name) => (typeof name === 'symbol' ? undefined : name) });
}
