/** Something that a contender needs is not to be had on this machine; its message says how to get it. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
