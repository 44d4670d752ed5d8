# caplamp_library(NAME SOURCES ... HEADERS ... DEPENDS other folders ... LINKS outside libraries ...)
# makes caplamp::NAME. DEPENDS is the folder's architecture: it is written to layers.txt, against
# which tests/architecture compares every #include.
function(caplamp_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;DEPENDS;LINKS" ${ARGN})
    set(target caplamp_${name})
    if(ARG_SOURCES)
        add_library(${target} STATIC ${ARG_SOURCES})
        set(scope PUBLIC)
    else()
        add_library(${target} INTERFACE)
        set(scope INTERFACE)
    endif()
    add_library(caplamp::${name} ALIAS ${target})
    target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
                   FILES ${ARG_HEADERS})
    target_include_directories(${target} ${scope} ${PROJECT_SOURCE_DIR})
    list(TRANSFORM ARG_DEPENDS PREPEND caplamp:: OUTPUT_VARIABLE depends)
    target_link_libraries(${target} ${scope} caplamp::options ${depends} ${ARG_LINKS})
    file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    string(JOIN " " words ${ARG_DEPENDS})
    set_property(GLOBAL APPEND_STRING PROPERTY CAPLAMP_LAYERS "${folder} ${name}: ${words}\n")
endfunction()

# caplamp_test(NAME SOURCES ... DEPENDS folders ...) makes the test program NAME_test.
function(caplamp_test name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LINKS" ${ARGN})
    add_executable(${name}_test ${ARG_SOURCES})
    list(TRANSFORM ARG_DEPENDS PREPEND caplamp:: OUTPUT_VARIABLE depends)
    target_link_libraries(${name}_test PRIVATE caplamp::options ${depends} ${ARG_LINKS}
                          GTest::gmock GTest::gtest GTest::gtest_main)
    target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR})
    gtest_discover_tests(${name}_test TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 120
                         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()
