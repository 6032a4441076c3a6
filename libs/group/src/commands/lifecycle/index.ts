import type { Deciders } from '../decider';
import { create } from './create';
import { createOrJoin } from './createOrJoin';
import { dismiss } from './dismiss';

export const lifecycle = { create, createOrJoin, dismiss } satisfies Deciders;
