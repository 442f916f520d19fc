/** How long the router sends traffic to an unproven release when nobody renews its permission. */
export const LEASE_SECONDS = 15;
/** A worker whose thread is held up judges nothing, and renews for so long at most. */
export const LEASE_SECONDS_HELD_UP = 60;
/** An engine that starts again renews once, for this long, what it finds; once more only after a watch has renewed. */
export const LEASE_SECONDS_AFTER_START = 30;
/** An engine that shuts down in good order asks for this much first. */
export const LEASE_SECONDS_AT_SHUTDOWN = 120;
