import { LimitedQuery } from '../query';
import { IsId, IsRevision, Optional } from '../validation';

/** A group's events, oldest first, from a revision on. It returns events that the feed no longer keeps. */
export class ListEvents extends LimitedQuery {
  @IsId()
  groupId!: string;

  /** First revision wanted; default "0". */
  @Optional()
  @IsRevision()
  fromRevision?: string;
}
