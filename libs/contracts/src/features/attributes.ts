import { LIMITS, OnGroup, onGroup } from '../command';
import { event } from '../event';
import { PAGE, Query, query } from '../query';
import { type Check, isRecord, listOf, textUpTo } from '../shape';
import { DistinctBy, IsId, IsLine, IsList, Nested, Optional } from '../validation';

/** An attribute of a group: a key and its text. */
class AttributeEntry {
  @IsLine(LIMITS.attributeKey, 1)
  key!: string;

  @IsLine(LIMITS.attributeText)
  text!: string;
}

/**
 * Sets and removes attributes of the group, which a vendor's API has and no rule knows: at most 8 keys, each of up to 32
 * characters, with texts of up to 128. By the owner, an admin or a service. A key that is set and removed is set.
 */
export class SetAttributes extends OnGroup {
  @Optional()
  @IsList(LIMITS.attributes)
  @Nested(() => AttributeEntry, { each: true })
  @DistinctBy('key', ({ key }: AttributeEntry) => key)
  set?: AttributeEntry[];

  @Optional()
  @IsList(LIMITS.attributes)
  @IsLine(LIMITS.attributeKey, 1, { each: true })
  remove?: string[];
}

/** The attributes of up to 100 groups. */
export class GetAttributes extends Query {
  @IsList(PAGE.maxGroupIds, 1)
  @IsId({ each: true })
  groupIds!: string[];
}

export interface AttributesView {
  readonly groupId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** In the order of the ids, repeats once. Groups without attributes, and unknown ones, are left out. */
export interface AttributesAnswer {
  readonly groups: readonly AttributesView[];
}

/** `attributesSet`: attributes of the group have new texts; others are gone. The rest stays. */
export interface AttributesSet {
  readonly set: Readonly<Record<string, string>>;
  readonly removed: readonly string[];
}

const key = textUpTo(LIMITS.attributeKey);
const text = textUpTo(LIMITS.attributeText);
const texts: Check = (value) =>
  isRecord(value) &&
  Object.keys(value).length <= LIMITS.attributes &&
  Object.entries(value).every(([name, one]) => key(name) && text(one));

export const attributes = {
  commands: { setAttributes: onGroup(SetAttributes) },
  queries: { attributes: query<GetAttributes, AttributesAnswer>(GetAttributes, ['groups', 'list']) },
  events: { attributesSet: event<AttributesSet>({ set: texts, removed: listOf(LIMITS.attributes, key) }) },
} as const;
