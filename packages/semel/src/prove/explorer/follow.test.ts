import { describe, expect, test } from 'vitest';
import { choicesOf, choicesText, deviationsOf } from './follow.ts';

describe('choices', () => {
  test('as text are those that differ from the first step', () => {
    const choices = deviationsOf([0, 2, 0, 0, 1]);
    expect(choicesText(choices)).toBe('1:2,4:1');
    expect(choicesOf('1:2,4:1')).toEqual(choices);
    expect(choicesOf('')).toEqual(new Map());
  });

  test('are refused where they are none', () => {
    expect(() => choicesOf('1:2,x')).toThrow('x is no choice');
  });
});
