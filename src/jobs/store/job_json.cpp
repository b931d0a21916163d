#include "jobs/store/job_json.hpp"

#include <regex>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace facegraph::jobs {
namespace {

using Json = nlohmann::ordered_json;
using core::OptionValue;

constexpr int kIndentation = 4;
constexpr std::size_t kPiece = 1 << 20;

// Length of the UTF-8 character that the text begins with; 0 when it begins with none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&byte](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80U) {
    return 1;
  }
  if (first >= 0xC2U && first < 0xE0U) {
    return follows(1) ? 2 : 0;
  }
  if (first >= 0xE0U && first < 0xF0U) {
    const bool overlong = first == 0xE0U && byte(1) < 0xA0U;
    const bool surrogate = first == 0xEDU && byte(1) >= 0xA0U;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  const bool in_range =
      (first == 0xF0U && byte(1) >= 0x90U) || (first > 0xF0U && first < 0xF4U) || (first == 0xF4U && byte(1) < 0x90U);
  return in_range && follows(1) && follows(2) && follows(3) ? 4 : 0;
}

// JSON libraries take only UTF-8: a byte b that is none becomes U+10FF00 + b, written \udbff\udfXX, and that becomes
// \udcXX.
std::string as_unicode(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t length = character_length(bytes);
    if (length > 0) {
      text += bytes.substr(0, length);
    } else {
      const auto byte = static_cast<unsigned char>(bytes[0]);
      text += {'\xF4', '\x8F', static_cast<char>(0xBC | byte >> 6), static_cast<char>(0x80 | (byte & 0x3F))};
    }
    bytes.remove_prefix(length > 0 ? length : 1);
  }
  return text;
}

std::string as_bytes(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (rest.size() >= 4 && rest.starts_with("\xF4\x8F") && static_cast<unsigned char>(rest[2]) >= 0xBE) {
      bytes += static_cast<char>((static_cast<unsigned char>(rest[2]) & 0x03U) << 6U |
                                 (static_cast<unsigned char>(rest[3]) & 0x3FU));
      i += 3;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

std::string with_escaped_bytes(const std::string& text) {
  static const std::regex pair(R"(\\udbff\\udf([89a-f][0-9a-f]))");
  if (text.find("\\udbff") == std::string::npos) {
    return text;
  }
  return std::regex_replace(text, pair, "\\udc$1");
}

// Lone low surrogates of a job file become what the parser takes. A high surrogate in front of one makes a character.
std::string with_paired_bytes(std::string text) {
  static const std::regex lone(R"((\\u[dD][89abAB][0-9a-fA-F]{2})?\\u[dD][cC]([89a-fA-F][0-9a-fA-F]))");
  if (text.find("\\ud") == std::string::npos && text.find("\\uD") == std::string::npos) {
    return text;
  }
  std::string paired;
  auto from = text.cbegin();
  for (std::sregex_iterator found(text.begin(), text.end(), lone), end; found != end; ++found) {
    paired.append(from, (*found)[0].first);
    paired += (*found)[1].matched ? found->str() : "\\udbff\\udf" + (*found)[2].str();
    from = (*found)[0].second;
  }
  return paired.append(from, text.cend());
}

struct ToJson {
  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(const std::string& value) const { return as_unicode(value); }
  Json operator()(const std::vector<std::string>& values) const {
    Json list = Json::array();
    for (const std::string& value : values) {
      list.push_back(as_unicode(value));
    }
    return list;
  }
  template <typename Plain>
  Json operator()(const Plain& value) const {
    return value;
  }
};

Json to_json(const StepArgs& args) {
  Json object = Json::object();
  for (std::size_t i = 0; i < args.size(); ++i) {
    object[args[i].first] = std::visit(ToJson{}, args[i].second);
  }
  return object;
}

// Throws for a value that no option has.
OptionValue list_from(const Json& json) {
  if (!json.empty() && json[0].is_number_integer()) {
    return json.get<std::vector<long long>>();
  }
  std::vector<std::string> list;
  for (const Json& element : json) {
    list.push_back(as_bytes(element.get_ref<const std::string&>()));
  }
  return list;
}

OptionValue value_from(const Json& json) {
  if (json.is_null()) {
    return {};
  }
  if (json.is_string()) {
    return as_bytes(json.get_ref<const std::string&>());
  }
  if (json.is_boolean()) {
    return json.get<bool>();
  }
  if (json.is_number_integer()) {
    return json.get<long long>();
  }
  return json.is_number() ? OptionValue(json.get<double>()) : list_from(json);
}

JobStep step_from(const Json& json) {
  const std::optional<StepStatus> status = step_status_of(json.at("status").get_ref<const std::string&>());
  if (!status) {
    throw std::invalid_argument("unknown step status");
  }
  JobStep step{.args = {}, .status = *status};
  for (const auto& [key, value] : json.at("args").get_ref<const Json::object_t&>()) {
    step.args.append(key, value_from(value));
  }
  return step;
}

// On a line of its own, as an element of what is `depth` levels deep.
std::string line_of(const Json& json, std::size_t depth) {
  const std::string margin = fmt::format("\n{:{}}", "", kIndentation * depth);
  std::string text = margin;
  for (const char sign : with_escaped_bytes(json.dump(kIndentation, ' ', true))) {
    sign == '\n' ? text += margin : text += sign;  // strings have none
  }
  return text;
}

Json to_json(const JobStep& step) {
  return {{"args", to_json(step.args)}, {"status", name_of(step.status)}};
}

}  // namespace

void write_job(const Job& job, const std::function<void(std::string_view)>& write) {
  std::string text = Json{
      {"version", job.version},
      {"date_created", job.date_created},
      {"date_updated", job.date_updated ? Json(*job.date_updated) : Json(nullptr)},
      {"steps",
       Json::array()}}.dump(kIndentation, ' ', true);
  const std::string end = job.steps.empty() ? "]\n}" : "\n    ]\n}";
  text.resize(text.size() - std::string_view("]\n}").size());
  for (const JobStep& step : job.steps) {
    text += line_of(to_json(step), 2) + (&step == &job.steps.back() ? "" : ",");
    if (text.size() >= kPiece) {
      write(text);
      text.clear();
    }
  }
  write(text + end);
}

std::optional<Job> job_from(std::string text) {
  try {
    Job job;
    std::string key;  // of the outermost object
    // A step is taken as soon as it is read: all of them as JSON would be many times the memory.
    const auto take_steps = [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (depth == 1 && event == Json::parse_event_t::key) {
        key = parsed.get<std::string>();
      }
      if (depth != 2 || event != Json::parse_event_t::object_end || key != "steps") {
        return true;
      }
      job.steps.push_back(step_from(parsed));
      if (job.steps.size() > 1) {
        job.steps.back().args.share(job.steps[job.steps.size() - 2].args);
      }
      return false;
    };
    const Json json = Json::parse(with_paired_bytes(std::move(text)), take_steps);
    job.version = json.at("version").get<std::string>();
    job.date_created = json.at("date_created").get<std::string>();
    if (const Json& updated = json.at("date_updated"); !updated.is_null()) {
      job.date_updated = updated.get<std::string>();
    }
    // What is left are no objects.
    return json.at("steps").is_array() && json.at("steps").empty() ? std::optional(std::move(job)) : std::nullopt;
  } catch (const Json::exception&) {
    return std::nullopt;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

std::string args_text(const StepArgs& args) {
  return to_json(args).dump(-1, ' ', true);
}

}  // namespace facegraph::jobs
