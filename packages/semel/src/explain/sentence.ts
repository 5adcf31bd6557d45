import { formatDuration } from '../core/duration.ts';

/** With a capital letter: services' names begin as they are written, `a local topic` as well. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `a`, `a or b`, `a; b; or c`. */
export function listed(parts: readonly string[], word: 'and' | 'or'): string {
  if (parts.length < 3) return parts.join(` ${word} `);
  return `${parts.slice(0, -1).join('; ')}; ${word} ${parts.at(-1)}`;
}

/** `30d`, or that there is no end. */
export function span(ms: number | null): string {
  return ms === null || ms === Number.POSITIVE_INFINITY ? 'without bound' : formatDuration(ms);
}
