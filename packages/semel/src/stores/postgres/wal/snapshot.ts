/**
 * Whether a transaction that has committed is seen by those who look with a snapshot. The log may tell of a commit a moment before anybody
 * sees it.
 * @param snapshot as `pg_current_snapshot()` writes it
 * @param xid the lower 32 bits of the transaction's number, as the log has it
 */
export function isVisible(snapshot: string, xid: number): boolean {
  const [, next = '', running = ''] = snapshot.split(':');
  const isOlder = ((xid - lower(next)) | 0) < 0;
  return isOlder && !running.split(',').some((other) => other !== '' && lower(other) === xid);
}

function lower(xid: string): number {
  return Number(BigInt.asUintN(32, BigInt(xid)));
}
