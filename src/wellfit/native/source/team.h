// Threads that help the one that calls: whoever is awake takes the next unit of work; nobody waits for a sleeper.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

namespace wellfit {

class Team {
 public:
  using Units = int (*)(const void* work, int phase);
  using Do = void (*)(const void* work, int phase, int unit);

  // All units of all phases, one phase after another. With helpers = 0, or while another call has them, alone.
  void run(const void* work, int phases, Units units, Do one, int helpers);

  // In a child of fork there are no helpers.
  void forget();

 private:
  void help();
  void start(int helpers);

  // Which generation and phase, and which units are left: who calls takes from the front, helpers from the back, so that
  // neighbours stay in one core's cache. A unit is taken by changing the ticket, which fails if anything has changed
  // meanwhile; so what was read before belongs to the unit.
  alignas(64) std::atomic<std::uint64_t> ticket_{0};
  alignas(64) std::atomic<int> finished_{0};
  alignas(64) std::atomic<Do> one_{nullptr};
  std::atomic<const void*> work_{nullptr};
  std::atomic<int> sleepers_{0};
  std::atomic<std::uint32_t> bell_{0};
  std::uint64_t generation_ = 0;
  int started_ = 0;
  std::mutex owner_;
};

}  // namespace wellfit
