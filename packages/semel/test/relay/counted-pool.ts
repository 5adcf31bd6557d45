import { Pool } from 'pg';

/** A pool that counts how often the queue is looked at. */
export interface CountedPool extends AsyncDisposable {
  readonly pool: Pool;
  /** Statements so far that read the queue. */
  readonly looks: number;
}

/** Opens one. */
export function countedPool(url: string): CountedPool {
  const pool = new Pool({ connectionString: url, max: 5 });
  let looks = 0;
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    client.query = ((...given: unknown[]) => {
      const [config] = given as [string | { readonly text: string }];
      if (/"?semel"?\.queue/.test(typeof config === 'string' ? config : config.text)) looks += 1;
      return query(...given);
    }) as typeof client.query;
  });
  return {
    pool,
    get looks() {
      return looks;
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}
