/** Name of this browser among those of the user; made at its first use, and stored. */
export function browserName(storage: () => Storage, key: string, random: () => number): string {
    const name = random().toString(36).slice(2);
    try {
        const known = storage().getItem(key);
        if (!known) {
            storage().setItem(key, name);
        }
        return known || name;
    } catch {
        // Each page is a browser then; their tabs can't find each other anyway.
        return name;
    }
}
