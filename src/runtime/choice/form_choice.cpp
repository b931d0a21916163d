#include "runtime/choice/form_choice.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "runtime/precision/rewritten_model.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;
using Outputs = std::vector<std::vector<std::byte>>;

namespace {

std::vector<float> floats_of(const std::vector<std::byte>& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

double difference_of(const std::vector<float>& reference, const std::vector<float>& found) {
  const auto [least, most] = std::minmax_element(reference.begin(), reference.end());
  const double range = static_cast<double>(*most) - *least;
  double sum = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double error = static_cast<double>(found[i]) - reference[i];
    sum += error * error;
  }
  if (sum == 0) {
    return 0;
  }
  const double difference = std::sqrt(sum / static_cast<double>(reference.size())) / range;
  return std::isfinite(difference) ? difference : std::numeric_limits<double>::infinity();
}

// The model's file in that form. Throws Error(kFailed) where it cannot be rewritten.
ModelSource source_in(const Form& form, const ModelSource& model, std::span<const InputSpec> inputs) {
  if (form.precision == Precision::kFp16 && rewritten_model(model, form.precision).path == model.path) {
    fail(ErrorCode::kFailed, "it cannot be rewritten to half precision");
  }
  return in_form(model, form, inputs);
}

// One model's forms, one after the other.
class Trial {
 public:
  Trial(UnitMaker& units, const ModelSource& model, const std::shared_ptr<Lane>& lane,
        std::span<const InputSpec> inputs, const GraphOptions& options)
      : units_(units), model_(model), lane_(lane), inputs_(inputs), options_(options) {}

  MeasuredForms run(const std::vector<Form>& forms) {
    for (const Form& form : forms) {
      const bool first = measured_.candidates.empty();
      Candidate candidate{form};
      candidate.against = reason_against_trying(form);
      std::unique_ptr<GraphSession> session = candidate.against.empty() ? try_form(candidate, first) : nullptr;
      measured_.candidates.push_back(candidate);
      if (first && !session) {
        break;
      }
      if (session && fastest_of(measured_.candidates) == &measured_.candidates.back()) {
        measured_.fastest = std::move(session);
      }
    }
    if (measured_.fastest) {
      measured_.fastest->set_candidates(measured_.candidates);
    }
    return std::move(measured_);
  }

 private:
  // Another process takes seconds: only where channels-last is what gains.
  std::string reason_against_trying(const Form& form) const {
    const Form unfused{form.precision, form.nhwc};
    const Candidate* fastest = fastest_of(measured_.candidates);
    const bool pays = !may_end_the_process(form) || (fastest != nullptr && fastest->form == unfused);
    return pays ? "" : fmt::format("{} is not the fastest so far", name_of(unfused));
  }

  // Null where something stands against it.
  std::unique_ptr<GraphSession> try_form(Candidate& candidate, bool first) {
    try {
      const ModelSource source = source_in(candidate.form, model_, inputs_);
      candidate.against = units_.reason_against(source, *lane_, inputs_, candidate.form);
      if (!candidate.against.empty()) {
        return nullptr;
      }
      auto session = std::make_unique<GraphSession>(units_, source, lane_, inputs_, options_,
                                                    CapturePlan{.form = candidate.form, .trial = true});
      candidate.replay_us = session->time_replay();
      Outputs outputs = session->replay_noise(inputs_);
      if (first) {
        reference_ = std::move(outputs);
        return session;
      }
      check_difference(candidate, difference_between(session->outputs, reference_, outputs));
      return candidate.against.empty() ? std::move(session) : nullptr;
    } catch (const core::Error& error) {
      if (error.code() == ErrorCode::kDeviceLost || (first && error.code() != ErrorCode::kFailed)) {
        throw;
      }
      candidate.against = error.what();
    }
    return nullptr;
  }

  void check_difference(Candidate& candidate, double difference) const {
    if (!std::isfinite(difference)) {
      candidate.against = "its results hold NaN, infinity or other whole numbers";
      return;
    }
    candidate.difference = difference;
    const double largest = largest_difference(model_.role);
    if (difference > largest) {
      candidate.against = fmt::format("its results differ by {:.3g} % of their range, {:.3g} % are allowed",
                                      difference * 100, largest * 100);
    }
  }

  UnitMaker& units_;
  const ModelSource& model_;
  const std::shared_ptr<Lane>& lane_;
  std::span<const InputSpec> inputs_;
  const GraphOptions& options_;
  MeasuredForms measured_;
  Outputs reference_;
};

}  // namespace

double largest_difference(Role role) {
  return role == Role::kPixels ? kLargestDifferenceOfPixels : kLargestDifference;
}

double difference_between(std::span<const Tensor> outputs, const Outputs& reference, const Outputs& found) {
  double worst = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    if (outputs[i].type != ElementType::kF32) {
      worst = reference[i] == found[i] ? worst : std::numeric_limits<double>::infinity();
    } else if (!reference[i].empty()) {
      worst = std::max(worst, difference_of(floats_of(reference[i]), floats_of(found[i])));
    }
  }
  return worst;
}

const Candidate* fastest_of(const std::vector<Candidate>& candidates) {
  const Candidate* fastest = nullptr;
  for (const Candidate& candidate : candidates) {
    if (candidate.against.empty() &&
        (fastest == nullptr || candidate.replay_us < fastest->replay_us * (1 - kLeastGain))) {
      fastest = &candidate;
    }
  }
  return fastest;
}

MeasuredForms measure_forms(UnitMaker& units, const ModelSource& model, const std::shared_ptr<Lane>& lane,
                            std::span<const InputSpec> inputs, const GraphOptions& options,
                            const std::vector<Form>& forms) {
  core::log_info("runtime", "measuring which arithmetic is the fastest for {}; later starts will know", model.name);
  MeasuredForms measured = Trial(units, model, lane, inputs, options).run(forms);
  for (const Candidate& candidate : measured.candidates) {
    core::log_debug("runtime", "{} in {}: {}", model.name, name_of(candidate.form),
                    candidate.against.empty()
                        ? fmt::format("{:.0f} us a replay, results differ by {:.2g} % of their range",
                                      candidate.replay_us, candidate.difference * 100)
                        : "not taken: " + candidate.against);
  }
  if (const Candidate* fastest = fastest_of(measured.candidates)) {
    core::log_info("runtime", "{} runs in {}", model.name, name_of(fastest->form));
  }
  return measured;
}

GraphReport report_of(const MeasuredForms& measured, const ModelSource& model, std::span<const InputSpec> inputs) {
  if (measured.fastest) {
    return measured.fastest->report();
  }
  GraphReport report;
  report.model = model.name;
  report.shapes = describe_inputs(inputs);
  report.state = GraphState::kRefused;
  report.reason = measured.candidates.front().against;
  report.candidates = measured.candidates;
  return report;
}

// All of them were tried, but for a refusal.
bool is_valid_choice(const GraphReport& kept, Role role, const std::vector<Form>& forms) {
  if (kept.state == GraphState::kRefused) {
    return kept.form == forms.front();
  }
  const bool plausible = std::all_of(kept.candidates.begin(), kept.candidates.end(), [&](const Candidate& candidate) {
    return std::find(forms.begin(), forms.end(), candidate.form) != forms.end() &&
           (!candidate.against.empty() ||
            (candidate.replay_us > 0 && candidate.difference <= largest_difference(role)));
  });
  const Candidate* fastest = fastest_of(kept.candidates);
  return plausible && kept.candidates.size() == forms.size() && fastest != nullptr && fastest->form == kept.form;
}

}  // namespace facegraph::runtime
