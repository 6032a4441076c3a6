import { onLive, type Deciders } from '../decider';
import { changeInfo } from './changeInfo';

export const info = { changeInfo: onLive(changeInfo) } satisfies Deciders;
