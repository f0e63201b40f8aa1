#include "team.h"

#include <sched.h>

#include <new>
#include <thread>

namespace wellfit {
namespace {

constexpr int SPINS = 30000;          // of a helper without work, before it sleeps: some ten microseconds
constexpr int IMPATIENCE = 2000;     // of who waits for a helper, before the helper may have this core
constexpr int MOST_UNITS = (1 << 17) - 1;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// A ticket: 20 bits of generation, 10 of phase, 17 of the first unit left, 17 of the first unit not left.
constexpr int BITS = 17;
constexpr std::uint64_t MASK = (1u << BITS) - 1, FRONT = std::uint64_t{1} << BITS, BACK = 1;

std::uint64_t ticket_of(std::uint64_t generation, int phase, int units) {
  return generation << 44 | static_cast<std::uint64_t>(phase) << 2 * BITS | static_cast<std::uint64_t>(units);
}
int phase_of(std::uint64_t ticket) { return static_cast<int>(ticket >> 2 * BITS & 0x3FF); }
int front_of(std::uint64_t ticket) { return static_cast<int>(ticket >> BITS & MASK); }
int back_of(std::uint64_t ticket) { return static_cast<int>(ticket & MASK); }
bool empty(std::uint64_t ticket) { return front_of(ticket) >= back_of(ticket); }

}  // namespace

void Team::run(const void* work, int phases, Units units, Do one, int helpers) {
  std::unique_lock<std::mutex> owner(owner_, std::defer_lock);
  const bool together = helpers > 0 && owner.try_lock();
  if (together) {
    if (started_ < helpers) start(helpers);
    one_.store(one, std::memory_order_relaxed);
    work_.store(work, std::memory_order_relaxed);
    ++generation_;
  }
  for (int phase = 0; phase < phases; ++phase) {
    const int count = units(work, phase);
    if (!together || count == 1 || count >= MOST_UNITS) {
      for (int unit = 0; unit < count; ++unit) one(work, phase, unit);
      continue;
    }
    finished_.store(0, std::memory_order_relaxed);
    std::uint64_t ticket = ticket_of(generation_, phase, count);
    ticket_.store(ticket, std::memory_order_seq_cst);
    if (sleepers_.load(std::memory_order_seq_cst) > 0) {
      bell_.fetch_add(1, std::memory_order_seq_cst);
      bell_.notify_all();
    }
    int done = 0;
    while (!empty(ticket)) {
      if (!ticket_.compare_exchange_weak(ticket, ticket + FRONT, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
      one(work, phase, front_of(ticket));
      ++done;
      ticket = ticket_.load(std::memory_order_acquire);
    }
    if (done) finished_.fetch_add(done, std::memory_order_acq_rel);
    for (int spins = 0; finished_.load(std::memory_order_acquire) < count; ++spins)
      if (spins < IMPATIENCE) pause();
      else sched_yield();
  }
}

void Team::help() {
  int spins = 0;
  for (;;) {
    std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
    const Do one = one_.load(std::memory_order_relaxed);
    const void* work = work_.load(std::memory_order_relaxed);
    const std::uint64_t seen = ticket;
    if (!empty(seen)) {
      spins = 0;
      if (ticket_.compare_exchange_strong(ticket, seen - BACK, std::memory_order_acq_rel, std::memory_order_acquire)) {
        one(work, phase_of(seen), back_of(seen) - 1);
        finished_.fetch_add(1, std::memory_order_acq_rel);
      }
    } else if (++spins < SPINS) {
      pause();
    } else {
      const std::uint32_t bell = bell_.load(std::memory_order_seq_cst);
      sleepers_.fetch_add(1, std::memory_order_seq_cst);
      ticket = ticket_.load(std::memory_order_seq_cst);
      if (empty(ticket)) bell_.wait(bell, std::memory_order_seq_cst);
      sleepers_.fetch_sub(1, std::memory_order_seq_cst);
      spins = 0;
    }
  }
}

void Team::start(int helpers) {
  try {
    for (; started_ < helpers; ++started_) std::thread(&Team::help, this).detach();
  } catch (...) {  // no more threads: those that are there help
  }
}

void Team::forget() {
  owner_.~mutex();
  new (&owner_) std::mutex;
  sleepers_.store(0);
  ticket_.store(0);
  started_ = 0;
}

}  // namespace wellfit
