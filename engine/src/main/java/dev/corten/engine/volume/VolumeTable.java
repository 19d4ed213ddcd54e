package dev.corten.engine.volume;

import dev.corten.model.ContainerId;
import dev.corten.model.NotFound;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Which volumes there are, and which containers have them. Thread-safe.
///
/// Slow work on a volume is done alone with it: whoever else wants to work on the same one waits,
/// and those who only look do not.
final class VolumeTable {
    private static final class Entry {
        /// Null while it is being made.
        private @Nullable Volume volume;

        private final Set<ContainerId> users = new LinkedHashSet<>();

        /// Those for which it is mounted on the host, if it is one of those.
        private final Set<ContainerId> holders = new LinkedHashSet<>();

        private boolean busy;
    }

    /// A volume and the containers that have it, in the order in which they came.
    record Used(Volume volume, List<ContainerId> users) {}

    interface Making {
        Volume make() throws IOException;
    }

    interface Work<T> {
        T on(Volume volume) throws IOException;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();

    /// guarded by lock
    private final Map<String, Entry> entries = new TreeMap<>();

    /// One that an earlier daemon made.
    void add(Volume volume) {
        lock.lock();
        try {
            var entry = new Entry();
            entry.volume = volume;
            entries.put(volume.name(), entry);
        } finally {
            lock.unlock();
        }
    }

    Optional<Volume> find(String name) {
        lock.lock();
        try {
            Entry entry = entries.get(name);
            return entry == null ? Optional.empty() : Optional.ofNullable(entry.volume);
        } finally {
            lock.unlock();
        }
    }

    /// By name.
    List<Used> list() {
        lock.lock();
        try {
            var all = new ArrayList<Used>();
            for (Entry entry : entries.values()) {
                if (entry.volume != null) {
                    all.add(new Used(entry.volume, List.copyOf(entry.users)));
                }
            }
            return all;
        } finally {
            lock.unlock();
        }
    }

    List<ContainerId> users(String name) {
        lock.lock();
        try {
            Entry entry = entries.get(name);
            return entry == null ? List.of() : List.copyOf(entry.users);
        } finally {
            lock.unlock();
        }
    }

    /// The volume of that name, or the one that is made now.
    ///
    /// @param user whose it becomes in the same moment, so that nobody removes it before
    /// @param fresh called if it was made
    Volume findOrMake(
            String name, Optional<ContainerId> user, Making making, Consumer<Volume> fresh)
            throws IOException {
        Entry entry;
        lock.lock();
        try {
            Entry there = begin(name);
            if (there != null && there.volume != null) {
                user.ifPresent(there.users::add);
                finish(there);
                return there.volume;
            }
            entry = new Entry();
            entry.busy = true;
            entries.put(name, entry);
        } finally {
            lock.unlock();
        }
        Optional<Volume> made = Optional.empty();
        try {
            made = Optional.of(making.make());
        } finally {
            lock.lock();
            try {
                if (made.isPresent()) {
                    entry.volume = made.get();
                    user.ifPresent(entry.users::add);
                } else {
                    entries.remove(name);
                }
                finish(entry);
            } finally {
                lock.unlock();
            }
        }
        fresh.accept(made.get());
        return made.get();
    }

    /// Works on a volume while nobody else does.
    ///
    /// @throws NotFound if it is not there
    <T> T alone(String name, Work<T> work) throws IOException {
        Entry entry;
        Volume volume;
        lock.lock();
        try {
            entry = begin(name);
            if (entry == null || entry.volume == null) {
                throw new NotFound("get " + name + ": no such volume");
            }
            volume = entry.volume;
        } finally {
            lock.unlock();
        }
        try {
            return work.on(volume);
        } finally {
            lock.lock();
            try {
                finish(entry);
            } finally {
                lock.unlock();
            }
        }
    }

    /// Waits until nobody works on the volume, and begins to; null if there is none. With the lock.
    private @Nullable Entry begin(String name) {
        while (true) {
            Entry entry = entries.get(name);
            if (entry == null) {
                return null;
            }
            if (!entry.busy) {
                entry.busy = true;
                return entry;
            }
            idle.awaitUninterruptibly();
        }
    }

    /// With the lock.
    private void finish(Entry entry) {
        entry.busy = false;
        idle.signalAll();
    }

    /// For whoever is alone with it.
    void remove(String name) {
        lock.lock();
        try {
            entries.remove(name);
        } finally {
            lock.unlock();
        }
    }

    void addUser(String name, ContainerId user) {
        change(name, entry -> entry.users.add(user));
    }

    void removeUser(String name, ContainerId user) {
        change(name, entry -> entry.users.remove(user));
    }

    /// @return whether it did not hold it before
    boolean addHolder(String name, ContainerId holder) {
        return change(name, entry -> entry.holders.add(holder));
    }

    /// @return whether nobody holds it any more
    boolean removeHolder(String name, ContainerId holder) {
        return change(name, entry -> entry.holders.remove(holder) && entry.holders.isEmpty());
    }

    boolean isHeld(String name) {
        return change(name, entry -> !entry.holders.isEmpty());
    }

    private interface Change {
        boolean in(Entry entry);
    }

    private boolean change(String name, Change change) {
        lock.lock();
        try {
            Entry entry = entries.get(name);
            return entry != null && change.in(entry);
        } finally {
            lock.unlock();
        }
    }
}
