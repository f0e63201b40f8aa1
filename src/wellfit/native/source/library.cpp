// The library's doors: a training, and what else Python asks and says.

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "epoch.h"
#include "task.h"
#include "pace.h"
#include "team.h"
#include "work.h"

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
std::atomic<int> running{0};          // trainings side by side: with two there is nobody idle to help

struct Running {
  Running() { ++running; }
  ~Running() { --running; }
};

// 1: any processor's instructions; 2, 3: those of x86.
int best() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi"))
    return 3;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi")) return 2;
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

// Whether a number of the table is another than 0 once it is scaled.
bool moved(const Scaling& scaling, long row, long column) {
  const long place = row * scaling.x_line + column;
  const double x = scaling.x_doubles ? static_cast<const double*>(scaling.x)[place] : static_cast<const float*>(scaling.x)[place];
  return (x - scaling.centre[column]) * scaling.factor[column] != 0;
}

// Whether most of what enters the first layer is 0: of a sample of rows, and of indicators all but one a column.
template <typename Real>
bool mostly_zero(const Task& task, const Steps<Real>& s) {
  const std::int32_t* rows = task.train ? task.train : task.held;
  const long count = task.train ? task.n : task.held_n, step = (count + 63) / 64;
  if (count == 0) return false;
  double filled = 0, seen = 0;
  for (long r = 0; r < count; r += step, ++seen) {
    const long row = rows[r];
    if (task.starts) filled += task.starts[row + 1] - task.starts[row];
    else
      for (long c = 0; c < task.columns; ++c) filled += s.scaling.centre ? moved(s.scaling, row, c) : s.x[row * task.columns + c] != 0;
  }
  filled = filled / seen + static_cast<double>(s.width[0] - task.columns);
  for (long c = 0; c < s.entrance.codes; ++c)
    if (!s.entrance.width[c]) filled -= s.entrance.levels[c] - 1;
  return filled < 0.5 * static_cast<double>(s.width[0]);
}

template <typename Real>
Steps<Real> described(const Task& task) {
  Steps<Real> s;
  const auto* structure = task.structure;
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
  entrance.numbers = task.columns;
  entrance.waves = *structure++, entrance.frequencies = *structure++, entrance.mixtures = *structure++;
  entrance.codes = *structure++;
  entrance.columns = structure, structure += entrance.waves;
  entrance.levels = structure, structure += entrance.codes;
  entrance.width = structure, structure += entrance.codes;
  entrance.noise = *structure++, entrance.noise_stream = static_cast<std::uint32_t>(*structure++);
  entrance.dropout = *structure++, entrance.dropout_stream = static_cast<std::uint32_t>(*structure++);
  entrance.code = task.codes;
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
  s.arrays = static_cast<int>(task.arrays);
  for (int i = 0; i < s.arrays; ++i) {
    s.size[i] = task.sizes[i];
    s.penalised[i] = *structure++;
    s.p[i] = static_cast<Real*>(task.p[i]);
  }
  s.x = static_cast<const Real*>(task.x), s.y = task.y, s.w = static_cast<const Real*>(task.w);
  s.places = task.places, s.starts = task.starts;
  s.scaling = {task.x, nullptr, task.x_doubles != 0, 0, task.columns, task.columns, 0, task.scaler_centre, task.scaler_factor, task.scaler_clip};
  s.known = static_cast<const Real*>(task.known);
  s.n = task.n, s.held = task.held, s.held_n = task.held_n, s.score = static_cast<Score>(task.score);
  s.cosine = static_cast<const Real*>(task.cosine);
  s.scaled = task.scaled != 0;
  s.threads = 1;
  s.most_value = s.most_norm = static_cast<Real>(HUGE_VAL), s.most = s.lasso = nullptr;
  s.settling = false;
  s.sparse = mostly_zero(task, s);
  return s;
}

// What a training has besides.
template <typename Real>
Rule<Real> begun(const Task& task, Steps<Real>& s) {
  for (int i = 0; i < s.arrays; ++i) {
    s.m[i] = task.m ? static_cast<Real*>(task.m[i]) : nullptr;
    s.v[i] = task.v ? static_cast<Real*>(task.v[i]) : nullptr;
    s.u[i] = task.u ? static_cast<Real*>(task.u[i]) : nullptr;
  }
  s.within = *task.within, s.step = *task.step, s.count = *task.count;
  s.seed = task.step_seed;
  const auto* numbers = static_cast<const Real*>(task.numbers);
  s.beta1 = *numbers++, s.beta2 = *numbers++, s.epsilon = *numbers++, s.each = *numbers++, s.total = *numbers++;
  s.constant = *numbers++, s.inverse = *numbers++, s.shape = *numbers++, s.averaged = *numbers++;
  Rule<Real> rule;
  rule.rollback_factor = *numbers++, rule.tolerance = *numbers++, rule.wait = *numbers++, rule.rate = *numbers++;
  rule.smallest_rate = *numbers++, rule.rate_divisor = *numbers++, rule.patience_share = *numbers++;
  s.most_value = *numbers++, s.most_norm = *numbers++;
  s.ridge = numbers, s.most = numbers + s.arrays, s.lasso = numbers + 2 * s.arrays;
  s.level = numbers + 3 * s.arrays, s.levels = task.levels;
  s.loss_sum = number<Real>(task.loss), s.weight_sum = number<Real>(task.weight);
  s.bad = *task.bad;
  return rule;
}

Pace pace;  // of the one training that runs: with two there are no helpers
GivingUp giving_up;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Rows held out go forward block by block, each followed by ``then(first)``.
template <typename Real, typename Then>
void forward_blocks(Steps<Real>& s, const Kernels<Real>& own, Then then) {
  for (long first = 0; first < s.held_n; first += BLOCK) {
    own.begin_block(s, first);
    team->run(&s, own.phases(s), own.units, own.unit, s.threads - 1);
    then(first);
  }
}

// Weights that all training rows put at 0.
template <typename Real>
void find_zeros(Steps<Real>& s, const Kernels<Real>& own) {
  for (long first = 0; first < s.n; first += s.batch) {
    own.begin_zeros(s, first);
    team->run(&s, own.phases(s), own.units, own.unit, s.threads - 1);
    own.end_zeros(s);
  }
  own.settle(s);
}

// The rows in the order of the epoch.
template <typename Real>
const std::int32_t* order_of(const Task& task, const Kernels<Real>& own, std::uint32_t epoch_seed, std::int32_t* room) {
  if (task.orders == nullptr) {
    own.shuffle(task.train, task.n, epoch_seed, room);
    return room;
  }
  const long line = *task.epoch - task.order_first;
  return task.orders + (line < task.order_lines ? line : task.order_lines - 1) * task.order_line;
}

// Steps and ends of epochs, until ``todo`` are done, the training is over, or what Python has said ends.
template <typename Real>
bool train(Task& task) {
  const Running one_more;
  const auto& own = kernels<Real>();
  Steps<Real> s = described<Real>(task);
  const Rule<Real> rule = begun(task, s);
  own.prepare(s);
  const long numbers = own.room(s), order_bytes = task.orders ? 0 : (task.n * 4 + 63) / 64 * 64;
  void* room = workspace().at_least(order_bytes + numbers * static_cast<long>(sizeof(Real)));
  if (room == nullptr) return false;
  own.place(s, reinterpret_cast<Real*>(static_cast<char*>(room) + order_bytes));
  const long per_epoch = (task.n + s.batch - 1) / s.batch;
  const int most = helpers.load(std::memory_order_relaxed);
  bool paused = false;
  const auto lines_left = [&] { return task.lines == 0 || s.step - task.first < task.lines; };
  while (task.todo > 0 && *task.status == RUNNING && !paused && (!task.orders || *task.epoch < task.order_until) && lines_left()) {
    s.order = order_of(task, own, own.fold(task.order_seed, static_cast<std::uint32_t>(*task.epoch)), static_cast<std::int32_t*>(room));
    s.shrink = number<Real>(task.factor);
    while (task.todo > 0 && s.within < per_epoch && !s.bad && lines_left()) {
      const bool alone = running.load(std::memory_order_relaxed) > 1 || most == 0;
      const bool helped = !alone && pace.helped(numbers);
      const double before = alone ? 0 : now();
      s.threads = helped ? 1 + most : 1;
      s.gives_up = helped && giving_up.now();
      s.changing = 0;
      s.now = static_cast<const Real*>(task.table) + (task.lines ? s.step - task.first : 0) * task.line;
      own.begin(s);
      team->run(&s, own.phases(s), own.units, own.unit, s.threads - 1);
      own.end(s);
      if (!alone) pace.took(now() - before);
      if (helped) giving_up.took(s.changing);
      --task.todo;
    }
    *task.step = static_cast<std::int32_t>(s.step), *task.count = static_cast<std::int32_t>(s.count);
    if (s.within >= per_epoch || s.bad) {
      if (task.zeros) find_zeros(s, own);
      forward_blocks(s, own, [&](long) { own.end_block(s); });
      if (s.classic) classic_end(task, s, rule);
      else accept_or_roll_back(task, s, rule);
      s.step = *task.step, s.count = *task.count;
      s.within = 0, s.loss_sum = s.weight_sum = 0, s.bad = false;
      paused = task.pause;
    }
  }
  *task.within = static_cast<std::int32_t>(s.within);
  number<Real>(task.loss) = s.loss_sum, number<Real>(task.weight) = s.weight_sum;
  *task.bad = s.bad;
  workspace().give_back_above(KEPT);
  return true;
}

// What comes out for some rows.
template <typename Real>
bool forward(const Task& task) {
  const auto& own = kernels<Real>();
  Steps<Real> s = described<Real>(task);
  own.prepare(s);
  void* room = workspace().at_least(own.room(s) * static_cast<long>(sizeof(Real)));
  if (room == nullptr) return false;
  own.place(s, static_cast<Real*>(room));
  const long outputs = s.width[s.layers];
  forward_blocks(s, own, [&](long first) {
    std::memcpy(static_cast<Real*>(task.outputs) + first * outputs, s.part[0].y[s.layers - 1], sizeof(Real) * static_cast<size_t>(s.part[0].rows * outputs));
  });
  workspace().give_back_above(KEPT);
  return true;
}

const int at_fork = pthread_atfork(nullptr, nullptr, [] { team->forget(); });

}  // namespace

void* scratch(Use use, long bytes) {
  thread_local Memory own[USES];
  void* place = own[use].at_least(bytes);
  if (place == nullptr) std::abort();  // some hundred kilobytes
  return place;
}

long nanoseconds() { return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace wellfit

#define PUBLIC __attribute__((visibility("default")))

extern "C" {

// By these Python sees that a task means the same.
PUBLIC long wellfit_task_bytes() { return sizeof(wellfit::Task); }
PUBLIC int wellfit_meaning() { return wellfit::MEANING; }

// 0 where there was no memory for a batch.
PUBLIC int wellfit_train(wellfit::Task* task) { return task->doubles ? wellfit::train<double>(*task) : wellfit::train<float>(*task); }

PUBLIC int wellfit_forward(const wellfit::Task* task) { return task->doubles ? wellfit::forward<double>(*task) : wellfit::forward<float>(*task); }

PUBLIC void wellfit_scale(const void* x, int x_doubles, long x_line, void* out, int out_doubles, long out_line, long rows, long columns,
                          const double* centre, const double* factor, double clip) {
  const wellfit::Scaling scaling{x, out, x_doubles != 0, rows, columns, x_line, out_line, centre, factor, clip};
  out_doubles ? wellfit::kernels<double>().scale(scaling) : wellfit::kernels<float>().scale(scaling);
}

PUBLIC void wellfit_extremes(const void* x, int doubles, long line, long rows, long columns, void* low, void* high) {
  const wellfit::Extremes asked{x, rows, columns, line, low, high};
  doubles ? wellfit::kernels<double>().extremes(asked) : wellfit::kernels<float>().extremes(asked);
}

PUBLIC void wellfit_helpers(int count) { wellfit::helpers = count; }

// 0: the processor's best; 1: any processor's; 2, 3: those of x86. Returns what is in use.
PUBLIC int wellfit_instructions(int kind) {
  const int most = wellfit::best();
  wellfit::instructions = kind >= 1 && kind <= most ? kind : most;
  return wellfit::instructions;
}
}
