#include "jobs/store/job_json.hpp"

#include <regex>
#include <stdexcept>
#include <string_view>

#include <nlohmann/json.hpp>

namespace facegraph::jobs {
namespace {

using Json = nlohmann::ordered_json;
using core::OptionValue;

constexpr int kIndentation = 4;

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
std::string with_paired_bytes(const std::string& text) {
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
  for (const auto& [key, value] : args) {
    object[key] = std::visit(ToJson{}, value);
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
    step.args.emplace_back(key, value_from(value));
  }
  return step;
}

}  // namespace

std::string job_text(const Job& job) {
  Json json;
  json["version"] = job.version;
  json["date_created"] = job.date_created;
  json["date_updated"] = job.date_updated ? Json(*job.date_updated) : Json(nullptr);
  json["steps"] = Json::array();
  for (const JobStep& step : job.steps) {
    json["steps"].push_back(Json{{"args", to_json(step.args)}, {"status", name_of(step.status)}});
  }
  return with_escaped_bytes(json.dump(kIndentation, ' ', true));
}

std::optional<Job> job_from(const std::string& text) {
  try {
    const Json json = Json::parse(with_paired_bytes(text));
    Job job{.version = json.at("version").get<std::string>(),
            .date_created = json.at("date_created").get<std::string>(),
            .date_updated = {},
            .steps = {}};
    if (const Json& updated = json.at("date_updated"); !updated.is_null()) {
      job.date_updated = updated.get<std::string>();
    }
    for (const Json& step : json.at("steps").get_ref<const Json::array_t&>()) {
      job.steps.push_back(step_from(step));
    }
    return job;
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
