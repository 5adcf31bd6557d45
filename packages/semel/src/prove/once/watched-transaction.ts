/** What watches a transaction: told of each use before it happens. */
export interface Watcher {
  /**
   * `fail`: the use is to fail as a statement does. A throw ends it.
   * @param method of the client, `query` or `run`
   * @param text what it was given, where that is a text: mostly SQL
   */
  use(method: string, text: string | undefined): 'go' | 'fail';
  /** Fails in place of the use; `call` calls the same method with other arguments. */
  fail(method: string, call: (...values: readonly unknown[]) => unknown): unknown;
}

/** They look at the transaction or prepare something; nothing happens in the database. */
const QUIET: ReadonlySet<string> = new Set(['prepare', 'columns', 'setReadBigInts', 'setReturnArrays', 'setAllowBareNamedParameters', 'setAllowUnknownNamedParameters', 'then']);

/**
 * A client's transaction whose methods tell a watcher before they run, those of a prepared statement too. Of a query builder it sees that a query is begun.
 * What the library does beneath it does not see, nor what stands in members of members.
 */
export function watchedTransaction<Tx>(tx: Tx, watcher: Watcher): Tx {
  return isWatchable(tx) ? watched(tx, watcher, undefined) : tx;
}

function watched<Target extends object>(target: Target, watcher: Watcher, sql: string | undefined): Target {
  const methods = new Map<PropertyKey, unknown>();
  return new Proxy(target, {
    get(_target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function' || typeof key !== 'string' || isFixed(target, key)) return value;
      const known = methods.get(key) ?? watchedMethod(target, key, value as () => unknown, watcher, sql);
      methods.set(key, known);
      return known;
    },
    apply(_target, self, values) {
      return through('call', (...given) => Reflect.apply(target as () => unknown, self, given), values, watcher, sql);
    },
  });
}

function watchedMethod(target: object, name: string, method: (...values: unknown[]) => unknown, watcher: Watcher, sql: string | undefined): unknown {
  const call = (...given: readonly unknown[]) => Reflect.apply(method, target, given);
  return (...values: readonly unknown[]) => {
    if (!QUIET.has(name)) return through(name, call, values, watcher, sql);
    const result = call(...values);
    return isStatement(result) ? watched(result, watcher, textOf(values)) : result;
  };
}

function through(method: string, call: (...values: readonly unknown[]) => unknown, values: readonly unknown[], watcher: Watcher, sql: string | undefined): unknown {
  return watcher.use(method, sql ?? textOf(values)) === 'fail' ? watcher.fail(method, call) : call(...values);
}

function textOf([first]: readonly unknown[]): string | undefined {
  if (typeof first === 'string') return first;
  return typeof first === 'object' && first !== null && 'text' in first && typeof first.text === 'string' ? first.text : undefined;
}

/** A proxy must answer with the very value of a member that can never change. */
function isFixed(target: object, key: string): boolean {
  const own = Reflect.getOwnPropertyDescriptor(target, key);
  return own?.configurable === false && own.writable === false;
}

function isStatement(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'run' in value && 'all' in value;
}

function isWatchable(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
