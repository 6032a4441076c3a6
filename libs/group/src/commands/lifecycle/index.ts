import { onAnyLive, type Deciders } from '../decider';
import { create } from './create';
import { createOrJoin } from './createOrJoin';
import { disable } from './disable';
import { dismiss } from './dismiss';
import { enable } from './enable';

export const lifecycle = {
  create,
  createOrJoin,
  disable: onAnyLive(disable),
  enable: onAnyLive(enable),
  dismiss,
} satisfies Deciders;
