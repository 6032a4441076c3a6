import { onLive, type Deciders } from '../decider';
import { setAttributes } from './setAttributes';

export const attributes = { setAttributes: onLive(setAttributes) } satisfies Deciders;
