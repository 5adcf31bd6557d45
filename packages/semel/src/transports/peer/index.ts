export { type PeerOptions, peer } from './peer.ts';
