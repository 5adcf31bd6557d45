/** Gives every worker so many items at a time, as soon as it is through with those before. */
export async function deliverTo<Worker, Item>(
  workers: readonly Worker[],
  items: readonly Item[],
  handle: (worker: Worker, batch: readonly Item[]) => Promise<unknown>,
  size = 100,
): Promise<void> {
  let next = 0;
  const feed = async (worker: Worker): Promise<void> => {
    while (next < items.length) {
      const batch = items.slice(next, next + size);
      next += size;
      await handle(worker, batch);
    }
  };
  await Promise.all(workers.map(feed));
}
