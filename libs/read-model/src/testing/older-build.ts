import type { OpenFeature, ReadFeature, Sides } from '../feature';
import { FEATURES } from '../registry';

const without = <T extends object>(table: T | undefined, types: readonly string[]): T | undefined =>
  table && (Object.fromEntries(Object.entries(table).filter(([type]) => !types.includes(type))) as T);

/** The features of a build that doesn't know these event types yet. */
export const olderBuild = (...types: readonly string[]): ReadFeature[] =>
  FEATURES.map((feature: ReadFeature): ReadFeature => ({
    ...feature,
    open: (sides: Sides): OpenFeature => {
      const open = feature.open(sides);
      return {
        ...open,
        begins: without(open.begins, types),
        group: without(open.group, types),
        user: without(open.user, types),
      };
    },
  }));
