export { type SnsOptions, sns } from './sns.ts';
export type { SnsClient } from './sns-client.ts';
export { type SnsPost, type SnsVerifierOptions, snsVerifier } from './sns-signature.ts';
