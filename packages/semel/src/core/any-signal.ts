/** A signal that follows others, until it is released. */
export interface AnySignal {
  readonly signal: AbortSignal;
  /** It follows them no more, and they forget it. */
  release(): void;
}

/**
 * Aborts with the first of the given signals. What `AbortSignal.any` makes is kept in memory for as long as one of its sources lives (seen on Node 24), and
 * those of a feed live as long as its process: made for every receive, it would grow for ever.
 */
export function anySignal(...sources: readonly AbortSignal[]): AnySignal {
  const any = new AbortController();
  const abort = () => any.abort(sources.find(({ aborted }) => aborted)?.reason);
  const release = () => {
    for (const source of sources) source.removeEventListener('abort', abort);
  };
  for (const source of sources) source.addEventListener('abort', abort, { once: true });
  if (sources.some(({ aborted }) => aborted)) abort();
  return { signal: any.signal, release };
}
