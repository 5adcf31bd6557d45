import { registerHooks } from 'node:module';

/** Has this process load the schema's steps with this code behind them, as another version of Semel would have them. */
export function alterMigrations(code: string): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      return url.endsWith('/stores/postgres/migrations.ts') ? { ...loaded, source: `${loaded.source}\n${code}` } : loaded;
    },
  });
}
