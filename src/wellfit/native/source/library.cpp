// The library's doors: XLA's custom calls, and what Python asks and says.

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "team.h"
#include "work.h"
#include "xla/ffi/api/c_api.h"

namespace wellfit {
namespace {

// Memory that grows and is kept.
class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { std::free(place_); }

  void* at_least(long bytes) {
    if (size_ < bytes) {
      std::free(place_);
      size_ = (bytes + 4095) / 4096 * 4096;
      place_ = std::aligned_alloc(64, static_cast<size_t>(size_));
      if (place_ == nullptr) size_ = 0;
    }
    return place_;
  }

  void give_back_above(long bytes) {
    if (size_ <= bytes) return;
    std::free(place_);
    place_ = nullptr, size_ = 0;
  }

 private:
  void* place_ = nullptr;
  long size_ = 0;
};

constexpr long KEPT = 16 << 20;  // bytes that a thread keeps for its next call

Memory& workspace() {
  thread_local Memory own;
  return own;
}

Team* team = new Team;                // never destroyed: its threads go on until the process ends
std::atomic<int> helpers{0};          // that a call may have
std::atomic<int> running{0};          // programs that run side by side: with two there is nobody idle to help

// 1: any processor's instructions; 2, 3: those of x86.
int best() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw"))
    return 3;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 2;
#endif
  return 1;
}

std::atomic<int> instructions{best()};

template <typename Real>
const Kernels<Real>& kernels() {
#if defined(__x86_64__)
  const int kind = instructions.load(std::memory_order_relaxed);
  if (kind == 3) return avx512::kernels(Real{});
  if (kind == 2) return avx2::kernels(Real{});
#endif
  return base::kernels(Real{});
}

int present_helpers() { return running.load(std::memory_order_relaxed) > 1 ? 0 : helpers.load(std::memory_order_relaxed); }

// XLA asks a handler once for the version of the interface it was built for.
bool asked_for_version(XLA_FFI_CallFrame* frame) {
  auto* extension = frame->extension_start;
  if (extension == nullptr || extension->type != XLA_FFI_Extension_Metadata) return false;
  auto* metadata = reinterpret_cast<XLA_FFI_Metadata_Extension*>(extension)->metadata;
  metadata->api_version = XLA_FFI_Api_Version{XLA_FFI_Api_Version_STRUCT_SIZE, nullptr, XLA_FFI_API_MAJOR, XLA_FFI_API_MINOR};
  metadata->traits = 0;
  return true;
}

const XLA_FFI_Buffer& argument(XLA_FFI_CallFrame* frame, long i) { return *static_cast<XLA_FFI_Buffer*>(frame->args.args[i]); }
template <typename T>
const T* in(XLA_FFI_CallFrame* frame, long i) {
  return static_cast<const T*>(argument(frame, i).data);
}
template <typename T>
T* out(XLA_FFI_CallFrame* frame, long i) {
  return static_cast<T*>(static_cast<XLA_FFI_Buffer*>(frame->rets.rets[i])->data);
}

// Arguments before the parameters, in their order.
enum : int { X, CODES, Y, W, ORDER, TABLE, STRUCTURE, COUNTS, NUMBERS, FIRST };

long size_of(const XLA_FFI_Buffer& buffer) {
  long size = 1;
  for (long axis = 0; axis < buffer.rank; ++axis) size *= buffer.dims[axis];
  return size;
}

template <typename Real>
Steps<Real> described(XLA_FFI_CallFrame* frame) {
  Steps<Real> s;
  const auto* structure = in<std::int32_t>(frame, STRUCTURE);
  s.layers = *structure++;
  s.loss = static_cast<Loss>(*structure++);
  s.method = static_cast<Method>(*structure++);
  s.classic = *structure++;
  s.batch = *structure++;
  for (int l = 0; l < s.layers; ++l) {
    s.width[l + 1] = *structure++;
    s.activation[l] = *structure++;
    s.dropout[l] = *structure++;
    s.stream[l] = static_cast<std::uint32_t>(*structure++);
  }
  auto& entrance = s.entrance;
  entrance.numbers = argument(frame, X).dims[1];
  entrance.waves = *structure++, entrance.frequencies = *structure++, entrance.mixtures = *structure++;
  entrance.codes = *structure++;
  entrance.columns = structure, structure += entrance.waves;
  entrance.levels = structure, structure += entrance.codes;
  entrance.width = structure, structure += entrance.codes;
  entrance.code = in<std::int32_t>(frame, CODES);
  entrance.first = 2 * s.layers;
  const long mixed = entrance.numbers + entrance.waves * entrance.mixtures;
  s.width[0] = mixed, entrance.learnt = entrance.waves ? entrance.numbers : 0, entrance.learnt_end = entrance.waves ? mixed : 0;
  for (long c = 0; c < entrance.codes; ++c) {
    const long width = entrance.width[c] ? entrance.width[c] : entrance.levels[c];
    if (entrance.width[c]) {
      if (!entrance.learnt_end) entrance.learnt = s.width[0];
      entrance.learnt_end = s.width[0] + width;
    }
    s.width[0] += width;
  }
  s.arrays = *structure++;
  for (int i = 0; i < s.arrays; ++i) {
    s.size[i] = size_of(argument(frame, FIRST + 3 * i));
    s.penalised[i] = *structure++;
  }
  s.x = in<Real>(frame, X);
  s.y = argument(frame, Y).data;
  s.w = in<Real>(frame, W);
  s.order = in<std::int32_t>(frame, ORDER);
  s.table = in<Real>(frame, TABLE);
  s.columns = static_cast<int>(argument(frame, TABLE).dims[1]);
  const auto* counts = in<std::int32_t>(frame, COUNTS);
  s.n = counts[0], s.within = counts[1], s.todo = counts[2], s.step = counts[3], s.count = counts[4];
  s.seed = static_cast<std::uint32_t>(counts[5]);
  const auto* numbers = in<Real>(frame, NUMBERS);
  s.beta1 = numbers[0], s.beta2 = numbers[1], s.epsilon = numbers[2], s.each = numbers[3], s.total = numbers[4];
  s.constant = numbers[5], s.precision = numbers[6], s.averaged = numbers[7], s.loss_sum = numbers[8], s.weight_sum = numbers[9];
  s.ridge = numbers + 10, s.cosine = s.ridge + s.arrays;
  s.threads = 1;
  s.done = 0;
  s.bad = false;
  return s;
}

// The results lie where the arguments did; where they do not, they start as copies.
template <typename Real>
Real* in_place(XLA_FFI_CallFrame* frame, long argument_number, long result) {
  const Real* before = in<Real>(frame, argument_number);
  Real* after = out<Real>(frame, result);
  if (before != after) std::memcpy(after, before, sizeof(Real) * static_cast<size_t>(size_of(argument(frame, argument_number))));
  return after;
}

// Whether help pays: steps of some length are timed with it and without, again and again, for small networks and busy
// machines are faster alone. No number that is computed depends on it.
class Pace {
 public:
  bool helped(long size) {
    if (size != size_) *this = Pace(), size_ = size;
    return turn_ < PROBES ? false : turn_ < 2 * PROBES ? true : helped_ < alone_;
  }

  void took(double seconds) {
    if (turn_ == 0) alone_ = helped_ = 1e9;
    double& best = turn_ < PROBES ? alone_ : helped_;
    if (turn_ < 2 * PROBES && seconds < best) best = seconds;
    if (++turn_ == AGAIN) turn_ = 0;
  }

 private:
  static constexpr int PROBES = 4, AGAIN = 400;
  long size_ = -1;
  int turn_ = 0;
  double alone_ = 0, helped_ = 0;
};

Pace pace;  // of the one program that runs: with two there are no helpers

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

XLA_FFI_Error* failure(XLA_FFI_CallFrame* frame, const char* message) {
  XLA_FFI_Error_Create_Args arguments{XLA_FFI_Error_Create_Args_STRUCT_SIZE, nullptr, message, XLA_FFI_Error_Code_RESOURCE_EXHAUSTED};
  return frame->api->XLA_FFI_Error_Create(&arguments);
}

template <typename Real>
XLA_FFI_Error* steps(XLA_FFI_CallFrame* frame) {
  Steps<Real> s = described<Real>(frame);
  const int arrays = s.arrays;
  for (int i = 0; i < arrays; ++i) {
    s.p[i] = in_place<Real>(frame, FIRST + 3 * i, 3 * i);
    s.m[i] = in_place<Real>(frame, FIRST + 3 * i + 1, 3 * i + 1);
    s.v[i] = in_place<Real>(frame, FIRST + 3 * i + 2, 3 * i + 2);
  }
  const auto& own = kernels<Real>();
  own.prepare(s);
  const long numbers = own.room(s);
  void* room = workspace().at_least(numbers * static_cast<long>(sizeof(Real)));
  if (room == nullptr) return failure(frame, "no memory for a batch; make batch_size smaller");
  own.place(s, static_cast<Real*>(room));
  const int phases = own.phases(s), most = present_helpers();
  while (s.done < s.todo && !s.bad) {
    const bool helped = most > 0 && pace.helped(numbers);
    const double before = most > 0 ? now() : 0;
    s.threads = helped ? 1 + most : 1;
    own.begin(s);
    team->run(&s, phases, own.units, own.unit, s.threads - 1);
    own.end(s);
    if (most > 0) pace.took(now() - before);
  }
  auto* sums = out<Real>(frame, 3 * arrays);
  auto* status = out<std::int32_t>(frame, 3 * arrays + 1);
  sums[0] = s.loss_sum, sums[1] = s.weight_sum;
  status[0] = static_cast<std::int32_t>(s.done), status[1] = s.bad;
  workspace().give_back_above(KEPT);
  return nullptr;
}

const int at_fork = pthread_atfork(nullptr, nullptr, [] { team->forget(); });

}  // namespace

void* scratch(long bytes) {
  thread_local Memory own;
  void* place = own.at_least(bytes);
  if (place == nullptr) std::abort();  // a panel: some hundred kilobytes
  return place;
}

}  // namespace wellfit

#define PUBLIC __attribute__((visibility("default")))

extern "C" {

// x, codes, y, w, order, table, structure, counts, numbers, then p, m, v of each array -> p, m, v of each, sums, status
PUBLIC XLA_FFI_Error* wellfit_steps(XLA_FFI_CallFrame* frame) {
  if (wellfit::asked_for_version(frame)) return nullptr;
  if (wellfit::argument(frame, wellfit::X).dtype == XLA_FFI_DataType_F64) return wellfit::steps<double>(frame);
  return wellfit::steps<float>(frame);
}

PUBLIC void wellfit_helpers(int count) { wellfit::helpers = count; }
PUBLIC void wellfit_running(int change) { wellfit::running += change; }

// 0: the processor's best; 1: any processor's; 2, 3: those of x86. Returns what is in use.
PUBLIC int wellfit_instructions(int kind) {
  const int most = wellfit::best();
  wellfit::instructions = kind >= 1 && kind <= most ? kind : most;
  return wellfit::instructions;
}
}
