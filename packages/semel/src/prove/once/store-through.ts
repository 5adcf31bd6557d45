import { inTransactionOf } from '../../core/ambient.ts';
import type { Scope, Store } from '../../core/store.ts';

/** A store whose works are given another scope instead of their own. What a consumer's path does not use is left out. */
export function storeThrough<Tx>(store: Store<Tx>, through: (scope: Scope<Tx>) => Scope<Tx>): Store<Tx> {
  const { name, capabilities, inbox, registry, deadLetters } = store;
  return {
    name,
    capabilities,
    inbox,
    registry,
    deadLetters,
    open: (context) => store.open(context),
    close: () => store.close(),
    resolve: (unit) => store.resolve(unit),
    prune: (retention, options) => store.prune(retention, options),
    commit: (works, options) => {
      const seen = works.map(({ items, run }) => ({ items, run: (scope: Scope<Tx>, fresh: typeof items) => run(through(scope), fresh) }));
      return inTransactionOf(store as Store, () => store.commit(seen, options));
    },
  };
}
